import Testing

@testable import Objectives

@Suite struct MetricsTests {
  @Test func aMeanIsTheSameHoweverTheBatchWasDivided() {
    var whole = Metrics()
    var left = Metrics()
    var right = Metrics()
    for (value, weight) in [(1.0, 2.0), (4, 1), (2.5, 4)] {
      whole.add("kl", value, weight: weight)
      if weight == 2 {
        left.add("kl", value, weight: weight)
      } else {
        right.add("kl", value, weight: weight)
      }
    }
    left.merge(right)
    #expect(left == whole)
    #expect(whole["kl"] == 16.0 / 7)
  }

  @Test func namesKeepTheOrderInWhichTheyCame() {
    var metrics = Metrics()
    metrics.add("z", 1)
    metrics.minimum("a", 3)
    metrics.minimum("a", 2)
    metrics.maximum("m", 5)
    metrics.maximum("m", 4)
    metrics.count("n", 2)
    metrics.count("n", 3)
    metrics.add("z", 3)
    #expect(metrics.resolved().map(\.name) == ["z", "a", "m", "n"])
    #expect(metrics.resolved().map(\.value) == [2, 2, 5, 5])
  }

  @Test func noWeightAddsNothing() {
    var metrics = Metrics()
    metrics.add("kl", 1, weight: 0)
    #expect(metrics.resolved().isEmpty)
  }

  /// Shares over global totals add up to the loss of the whole batch in any division; means of micro-batches do not.
  @Test func sharesOfMicroBatchesAddUpToTheBatch() {
    let objective = SupervisedObjective()
    let lengths = [3, 1, 7, 2]
    let examples = lengths.map {
      SupervisedObjective.Example(isLearned: [Bool](repeating: true, count: $0))
    }
    let policy: [[[Float]]] = lengths.map { length in [(0..<length).map { Float(-$0) / 3 - 1 }] }
    let whole = evaluateBatch(objective, examples, policy: policy)
    let totals = BatchTotals(examples: 4, sequences: 4, tokens: 13)
    for cut in 0...4 {
      let left = evaluateBatch(
        objective, Array(examples[..<cut]), policy: Array(policy[..<cut]), totals: totals)
      let right = evaluateBatch(
        objective, Array(examples[cut...]), policy: Array(policy[cut...]), totals: totals)
      #expect(abs(left.loss + right.loss - whole.loss) < 1e-15)
      #expect(left.slopes + right.slopes == whole.slopes)
    }
  }
}
