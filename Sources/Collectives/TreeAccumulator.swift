/// Adds the leaves of a subtree, in order, as `SummationTree` says.
///
/// At most log₂(leaves) + 1 vectors live at once, rounded up. A vector that was added to its
/// neighbour comes back from `takeSpare()`, to be filled with the next leaf.
public struct TreeAccumulator<Leaf> {
  /// The leaves of the subtree: `SummationTree.leafRange(count:rank:size:)`.
  public let leaves: Range<Int>

  /// The leaf that `append` takes next.
  public private(set) var next: Int

  private let add: (_ left: inout Leaf, _ right: Leaf) throws -> Void
  private var sums: [Leaf] = []
  private var spares: [Leaf] = []

  /// An accumulator whose `add` puts the right vector onto the left one.
  public init(
    leaves: Range<Int>, add: @escaping (_ left: inout Leaf, _ right: Leaf) throws -> Void
  ) {
    self.leaves = leaves
    self.next = leaves.lowerBound
    self.add = add
  }

  /// Takes the next leaf, and adds up every sum that it completes.
  public mutating func append(_ leaf: consuming Leaf) throws {
    precondition(leaves.contains(next), "all the leaves \(leaves) are there already")
    sums.append(leaf)
    for _ in 0..<SummationTree.sumsCompleted(by: next, in: leaves) {
      let right = sums.removeLast()
      try add(&sums[sums.count - 1], right)
      spares.append(right)
    }
    next += 1
  }

  /// A vector whose contents have been added elsewhere, if there is one.
  public mutating func takeSpare() -> Leaf? {
    spares.popLast()
  }

  /// The subtree's sum, or nil if it has no leaves; then contribute `SummationTree.absent`.
  public consuming func finish() -> Leaf? {
    precondition(next == leaves.upperBound, "leaf \(next) of \(leaves) is missing")
    return sums.popLast()
  }
}

extension TreeAccumulator<[Float]> {
  /// An accumulator of arrays of the same length.
  public init(leaves: Range<Int>) {
    self.init(leaves: leaves) { left, right in
      precondition(left.count == right.count, "cannot add \(right.count) to \(left.count) elements")
      left.withUnsafeMutableBufferPointer { left in
        right.withUnsafeBufferPointer { addElements(of: $0, to: left) }
      }
    }
  }
}

/// `left[i] += right[i]` over the length of `left`; the two do not overlap.
func addElements(of right: UnsafeBufferPointer<Float>, to left: UnsafeMutableBufferPointer<Float>) {
  guard let source = right.baseAddress, let target = left.baseAddress else { return }
  for index in 0..<left.count { target[index] += source[index] }
}
