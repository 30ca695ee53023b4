import Testing

@testable import Datasets

@Suite struct CompositionTests {
  /// 7+3, 6+4, 5+2: three rows of ten hold 27.
  @Test func theLongestComesFirstIntoTheFullestRow() {
    let rows = Packing.bestFitDecreasing(lengths: [2, 7, 4, 5, 3, 6], capacity: 10)
    #expect(rows == [[1, 4], [5, 2], [3, 0]])
  }

  @Test func packingLosesNothing() {
    let lengths = (0..<500).map { 1 + $0 * $0 % 97 }
    let rows = Packing.bestFitDecreasing(lengths: lengths, capacity: 100)
    #expect(rows.flatMap(\.self).sorted() == Array(0..<500))
    #expect(rows.allSatisfy { $0.reduce(0) { $0 + lengths[$1] } <= 100 })
    let fewest = (lengths.reduce(0, +) + 99) / 100
    #expect(rows.count <= fewest * 11 / 9 + 1)
  }

  @Test func wrappedTextsAreOneStream() {
    let blocks = Packing.wrapped([[1, 2, 3], [4, 5], [6, 7]], blockLength: 4)
    #expect(blocks.map(\.ids) == [[1, 2, 3, 4], [5, 6, 7]])
  }

  @Test func anEpochTakesEveryExampleOnce() {
    var sampler = BatchSampler(count: 10, batchSize: 4, seed: 5)
    #expect(sampler.stepsPerEpoch == 3)
    #expect(sampler.steps(epochs: 2.5) == 8)
    let batches = (0..<6).map { sampler.indices(step: $0) }
    #expect(batches.map(\.count) == [4, 4, 2, 4, 4, 2])
    #expect(batches[0..<3].flatMap(\.self).sorted() == Array(0..<10))
    #expect(batches[3..<6].flatMap(\.self).sorted() == Array(0..<10))
    #expect(batches[0..<3] != batches[3..<6])
  }

  @Test func aStepIsTheSameWhateverCameBefore() {
    var straight = BatchSampler(count: 23, batchSize: 5, seed: 9)
    let all = (0..<12).map { straight.indices(step: $0) }
    for step in [11, 3, 7, 0] {
      var resumed = BatchSampler(count: 23, batchSize: 5, seed: 9)
      #expect(resumed.indices(step: step) == all[step])
    }
  }

  /// Greedy filling to 10 gives 9, 10, 2; three even groups hold 7, 7 and 7.
  @Test func microBatchesAreEven() {
    #expect(
      MicroBatches.compose(lengths: [3, 4, 2, 5, 4, 3], tokenBudget: 10)
        == [[0, 1], [2, 3], [4, 5]])
  }

  @Test func anExampleAboveTheBudgetIsAlone() {
    #expect(
      MicroBatches.compose(lengths: [30, 6, 6, 1], tokenBudget: 10) == [[0], [1], [2, 3]])
    #expect(MicroBatches.compose(lengths: [], tokenBudget: 10) == [])
  }

  @Test func ranksHaveSomethingToShare() {
    #expect(
      MicroBatches.compose(lengths: [1, 1, 1, 1, 1, 1, 1, 1], tokenBudget: 100, minimumCount: 4)
        == [[0, 1], [2, 3], [4, 5], [6, 7]])
    #expect(
      MicroBatches.compose(lengths: [1, 1], tokenBudget: 100, minimumCount: 4) == [[0], [1]])
  }

  @Test func compositionsKeepTheOrderAndTheBudget() {
    for seed in 1..<40 {
      let lengths = (0..<seed).map { 1 + ($0 * 37 + seed * 11) % 50 }
      for budget in [20, 60, 200] {
        let groups = MicroBatches.compose(lengths: lengths, tokenBudget: budget, minimumCount: 3)
        #expect(groups.flatMap(\.self) == Array(0..<seed))
        #expect(groups.count >= min(3, seed))
        for group in groups where group.count > 1 {
          #expect(group.reduce(0) { $0 + lengths[$1] } <= budget)
        }
      }
    }
  }
}
