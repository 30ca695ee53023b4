import Glibc
import Testing

@testable import Objectives

@Suite struct SupervisedTests {
  private let examples = [[true, false, true], [true]]
    .map(SupervisedObjective.Example.init(isLearned:))
  private let policy: [[[Float]]] = [[[-1, -7, -0.5]], [[-3]]]

  /// (1 + 0.5 + 3) / 3 tokens, not the mean of the rows' means 0.75 and 3.
  @Test func theMeanIsOverTheTokensOfTheWholeBatch() {
    let batch = evaluateBatch(SupervisedObjective(), examples, policy: policy)
    #expect(abs(batch.loss - 1.5) < 1e-15)
    let third: Float = -1 / 3
    let slopes: [[[Float]]] = [[[third, 0, third]], [[third]]]
    #expect(batch.slopes == slopes)
    #expect(batch.metrics["loss"] == batch.loss)
  }

  @Test func slopesAreThoseOfTheLoss() {
    expectSlopes(SupervisedObjective(), examples, policy: policy)
  }

  @Test func dynamicSlopesHoldTheProbabilityFixed() {
    let batch = evaluateBatch(SupervisedObjective(loss: .dynamic), examples, policy: policy)
    #expect(abs(Double(batch.slopes[0][0][0]) + exp(-1.0) / 3) < 1e-7)
    #expect(batch.slopes[0][0][1] == 0)
  }

  @Test func nothingLearnedIsNoLossAndNoNaN() {
    let batch = evaluateBatch(
      SupervisedObjective(), [.init(isLearned: [false, false])], policy: [[[-1, -2]]])
    #expect(batch.loss == 0)
    #expect(batch.slopes == [[[0, 0]]])
  }

  @Test func lossesAreTransformers() throws {
    let peer = try Peers.load().sft
    let examples = peer.isLearned.map(SupervisedObjective.Example.init(isLearned:))
    let policy = peer.logProbabilities.map { [$0] }
    let likelihood = evaluateBatch(SupervisedObjective(), examples, policy: policy)
    let dynamic = evaluateBatch(SupervisedObjective(loss: .dynamic), examples, policy: policy)
    #expect(abs(likelihood.loss - peer.loss) < 2e-6)
    #expect(abs(dynamic.loss - peer.dynamicLoss) < 2e-8)
    #expect(peer.isLearned.joined().count { $0 } == peer.tokens)
  }
}
