import Glibc
import Testing

@testable import Objectives

@Suite struct RewardRankingTests {
  private let policy: [[[Float]]] = [[[1.5], [0.25]], [[-2], [0.5]]]
  private let examples = [RewardRankingObjective.Example(margin: 0.5), .init()]

  /// (−log σ(1.5 − 0.25 − 0.5) − log σ(−2 − 0.5)) / 2 = (0.3869 + 2.5789) / 2.
  @Test func theLossIsThatByHand() {
    let batch = evaluateBatch(RewardRankingObjective(), examples, policy: policy)
    let expected = (log1p(exp(-0.75)) + log1p(exp(2.5))) / 2
    #expect(abs(batch.loss - expected) < 1e-15)
    #expect(batch.metrics["accuracy"] == 0.5)
    #expect(batch.metrics["margin"] == -0.625)
    #expect(batch.metrics["min_reward"] == -2)
    #expect(batch.metrics["max_reward"] == 1.5)
    #expect(batch.metrics["mean_reward"] == 0.0625)
  }

  @Test(arguments: [0, 0.01, 0.3]) func slopesAreThoseOfTheLoss(centering: Double) {
    expectSlopes(RewardRankingObjective(centering: centering), examples, policy: policy)
  }

  @Test func lossesAreTRLs() throws {
    let peer = try Peers.load().rm
    let policy: [[[Float]]] = (0..<4).map { [[peer.scores[$0]], [peer.scores[$0 + 4]]] }
    let plain = [RewardRankingObjective.Example](repeating: .init(), count: 4)
    let margins = peer.margins.map(RewardRankingObjective.Example.init(margin:))
    let batch = evaluateBatch(RewardRankingObjective(), plain, policy: policy)
    #expect(abs(batch.loss - peer.loss) < 2e-7)
    #expect(batch.metrics["accuracy"] == peer.accuracy)
    let withMargins = evaluateBatch(RewardRankingObjective(), margins, policy: policy)
    #expect(abs(withMargins.loss - peer.lossWithMargins) < 2e-7)
    let centered = evaluateBatch(RewardRankingObjective(centering: 0.01), plain, policy: policy)
    #expect(abs(centered.loss - peer.lossCentered) < 2e-7)
  }
}
