import Testing

@testable import Collectives

@Suite struct SummationTreeTests {
  /// Nine leaves: ((0 1) 2 | 3 4) on the left, (5 6 | 7 8) on the right.
  @Test func twoRanksShareNineLeavesAsFiveAndFour() {
    #expect(SummationTree.leafRange(count: 9, rank: 0, size: 2) == 0..<5)
    #expect(SummationTree.leafRange(count: 9, rank: 1, size: 2) == 5..<9)
  }

  @Test func theRanksLeavesFollowEachOther() {
    for size in 1...9 {
      for count in 0...40 {
        let ranges = (0..<size).map {
          SummationTree.leafRange(count: count, rank: $0, size: size)
        }
        #expect(ranges.flatMap(Array.init) == Array(0..<count))
      }
    }
  }

  @Test func aPowerOfTwoOfRanksHasSharesThatDifferByOneAtMost() {
    for size in [1, 2, 4, 8, 16] {
      for count in 0...70 {
        let counts = (0..<size).map {
          SummationTree.leafRange(count: count, rank: $0, size: size).count
        }
        #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
      }
    }
  }

  @Test func theAccumulatorAddsAsTheTreeIsWritten() throws {
    for leaves in [0..<1, 0..<2, 0..<3, 0..<5, 3..<9, 0..<17] {
      var accumulator = TreeAccumulator<String>(leaves: leaves) { $0 = "(\($0) \($1))" }
      for leaf in leaves { try accumulator.append("\(leaf)") }
      #expect(accumulator.finish() == written(leaves))
    }
    #expect(written(0..<5) == "(((0 1) 2) (3 4))")
  }

  private func written(_ leaves: Range<Int>) -> String {
    guard leaves.count > 1 else { return "\(leaves.lowerBound)" }
    let middle = (leaves.lowerBound + leaves.upperBound + 1) / 2
    return "(\(written(leaves.lowerBound..<middle)) \(written(middle..<leaves.upperBound)))"
  }

  /// ⌈log₂ 100⌉ + 1 = 8.
  @Test func fewVectorsLiveAtOnce() throws {
    var made = 0
    var accumulator = TreeAccumulator<[Float]>(leaves: 0..<100)
    for leaf in 0..<100 {
      var vector: [Float]
      if let spare = accumulator.takeSpare() {
        vector = spare
      } else {
        made += 1
        vector = [0]
      }
      vector[0] = Float(leaf)
      try accumulator.append(vector)
    }
    #expect(made <= 8)
    #expect(accumulator.finish() == [4950])
  }

  @Test func anAbsentLeafChangesNoBit() {
    for value in [0.0, -0.0, 1.5, -Float.leastNonzeroMagnitude, .infinity] as [Float] {
      #expect((value + SummationTree.absent).bitPattern == value.bitPattern)
      #expect((SummationTree.absent + value).bitPattern == value.bitPattern)
    }
  }

  @Test func oneProcessReducesByDoingNothing() throws {
    let alone = SingleProcess()
    #expect(alone.partition(count: 5) == [0..<5])
    #expect(alone.maximum(-3) == -3)
    #expect(alone.allGather([1, 2]) == [[1, 2]])
    #expect(try alone.allGather(doubles: [-0.0, .pi]) == [[-0.0, .pi]])
  }
}

/// Held against an accumulator that is watched: its sums, and the leaf that is being made.
@Test func vectorsAreCountedAsTheyStandBesideEachOther() throws {
  for count in 1...40 {
    var made = 0
    var tree = TreeAccumulator<Int>(leaves: 0..<count) { _, _ in }
    for leaf in 0..<count {
      if tree.takeSpare() == nil { made += 1 }
      try tree.append(leaf)
    }
    #expect(SummationTree.vectorCount(leaves: count) == made)
  }
  #expect(SummationTree.vectorCount(leaves: 0) == 1)
}
