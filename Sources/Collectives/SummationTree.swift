/// The order in which leaf vectors (the gradients of micro-batches) are added.
///
/// The tree over leaves `a ..< b` is a leaf if there is one, and otherwise the sum of the trees over
/// its contiguous halves, the left one longer by one if the number is odd. Ranks split in the same
/// way beside the leaves, so that each rank owns the leaves of one subtree, adds them by itself
/// (`TreeAccumulator`) and meets the others in `Communicator.reduceTree`: the additions, and so the
/// bits, are those of one process with all the leaves, at any number of ranks.
///
/// Halves, rather than a tree padded to a power of two, because nine leaves on two ranks are then
/// five and four and not eight and one. At a power of two of ranks the shares differ by at most one
/// leaf; at three ranks the third has half of the leaves, the price of the same bits.
public enum SummationTree {
  /// What a rank without leaves contributes to each element.
  ///
  /// Negative zero is the identity of addition in every bit: `x + (-0) == x` for each x, also for
  /// -0, where `-0 + 0` would be 0. So an absent leaf is as if it were skipped.
  public static let absent: Float = -0.0

  /// The leaves, among `count`, that a rank adds.
  public static func leafRange(count: Int, rank: Int, size: Int) -> Range<Int> {
    precondition(count >= 0, "cannot share \(count) leaves")
    precondition((0..<size).contains(rank), "there is no rank \(rank) among \(size)")
    var leaves = 0..<count
    var ranks = 0..<size
    while ranks.count > 1 {
      let isLeft = rank < middle(of: ranks)
      leaves = half(of: leaves, isLeft: isLeft)
      ranks = half(of: ranks, isLeft: isLeft)
    }
    return leaves
  }

  /// How many vectors stand beside each other while a rank adds up so many leaves; it has one in any case.
  public static func vectorCount(leaves: Int) -> Int {
    guard leaves > 1 else { return 1 }
    // The left half's sum waits while the right half is added up.
    return max(vectorCount(leaves: (leaves + 1) / 2), 1 + vectorCount(leaves: leaves / 2))
  }

  /// Where a range divides into its halves: the first index of the right one.
  static func middle(of range: Range<Int>) -> Int {
    range.lowerBound + (range.count + 1) / 2
  }

  static func half(of range: Range<Int>, isLeft: Bool) -> Range<Int> {
    let middle = middle(of: range)
    return isLeft ? range.lowerBound..<middle : middle..<range.upperBound
  }

  /// How many sums are complete once the leaf is there, when leaves come in order: the nodes of two
  /// leaves or more, in the tree over `leaves`, that end with this one.
  static func sumsCompleted(by leaf: Int, in leaves: Range<Int>) -> Int {
    var node = leaves
    var completed = 0
    while node.count > 1 {
      if node.upperBound == leaf + 1 { completed += 1 }
      node = half(of: node, isLeft: leaf < middle(of: node))
    }
    return completed
  }
}
