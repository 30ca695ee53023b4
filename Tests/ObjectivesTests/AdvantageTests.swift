import Testing

@testable import Objectives

@Suite struct AdvantageTests {
  @Test func advantagesAreTRLs() throws {
    let peer = try Peers.load().grpo
    let ours = groupAdvantages(rewards: peer.rewards).joined()
    #expect(ours.count == 8)
    for (value, expected) in zip(ours, peer.advantages) { #expect(abs(value - expected) < 1e-6) }
  }

  /// Rewards 1, 0 and 3, 3: the group's deviation is √½, the batch's √(9/4); equal rewards teach nothing.
  @Test func advantagesScaleByGroupByBatchOrNotAtAll() {
    let rewards = [[1.0, 0], [3, 3], [2]]
    #expect(groupAdvantages(rewards: rewards, scale: .none) == [[0.5, -0.5], [0, 0], [0]])
    let group = 0.5 / (0.5.squareRoot() + 1e-4)
    #expect(groupAdvantages(rewards: rewards)[0] == [group, -group])
    let batch = 0.5 / (sampleDeviation([1, 0, 3, 3, 2]) + 1e-4)
    #expect(groupAdvantages(rewards: rewards, scale: .batch)[0] == [batch, -batch])
    #expect(groupAdvantages(rewards: [[0.1, 0.1, 0.1]]) == [[0, 0, 0]])
  }

  /// Of 1, 0, 0.5 the others' means are 0.25, 0.75, 0.5; that is 3/2 of the distance from the group's mean.
  @Test func leavingOneOutComparesWithTheOthers() {
    let rewards = [[1.0, 0, 0.5], [2, 2, 2]]
    let ours = groupAdvantages(rewards: rewards, scale: .none, estimator: .rloo)
    #expect(ours == [[0.75, -0.75, 0], [0, 0, 0]])
    let group = groupAdvantages(rewards: rewards, scale: .none)
    for (one, other) in zip(ours[0], group[0]) { #expect(abs(one - 1.5 * other) < 1e-15) }
  }

  /// Rewards a: 1, 0 | 0, 0 and b: 10, 0 | 0, 20: each compared by itself, b weighs no more than a for its size.
  @Test func rewardsComparedOneByOneDoNotDrownEachOther() {
    let ours = groupAdvantages(
      each: [[[1, 0], [0, 0]], [[10, 0], [0, 20]]], weights: [1, 1])
    let a = 0.5 / (0.5.squareRoot() + 1e-4)
    let b = 5 / (50.0.squareRoot() + 1e-4)
    let c = 10 / (200.0.squareRoot() + 1e-4)
    let sums = [a + b, -a - b, -c, c]
    let divisor = sampleDeviation(sums) + 1e-4
    for (one, other) in zip(ours.joined(), sums) { #expect(abs(one - other / divisor) < 1e-12) }
    #expect(groupAdvantages(each: [[[1, 1], [0, 0]]], weights: [1]) == [[0, 0], [0, 0]])
  }

  /// Of 1, 2, 3, 4, 5 the upper 40 % begin at 3.4; all of none are kept.
  @Test func theLeastCertainTokensAreKept() {
    let kept = topEntropyTokens([[1, 5], nil, [3, 2, 4]], share: 0.4)
    #expect(kept == [[false, true], [], [false, false, true]])
    #expect(topEntropyTokens([[1, 2]], share: 1) == [[true, true]])
    #expect(topEntropyTokens([[], []], share: 0.5) == [[], []])
    #expect(topEntropyTokens([[2, 2, 2]], share: 0.1) == [[true, true, true]])
  }
}
