/// The ranks that compute one result together, and what they may ask of each other.
///
/// Every operation is collective: all ranks call the same operations in the same order, on the
/// thread that joined. No operation's result depends on which rank finished first.
public protocol Communicator: AnyObject {
  /// This process among the ranks, in `0 ..< size`.
  var rank: Int { get }

  /// How many ranks there are, at least one.
  var size: Int { get }

  /// Adds the ranks' vectors, all of the same length, as a tree of contiguous halves of the ranks:
  /// `(r0 + r1) + (r2 + r3)`. Afterwards this rank's part, `partition(count:)[rank]`, holds the sums;
  /// the rest of the vector holds nothing of use until `allGatherParts`.
  func reduceTree(_ vector: inout MutableSpan<Float>) throws(CollectiveError)

  /// Gives every rank the parts that the others hold, in place, over the same partition.
  func allGatherParts(_ vector: inout MutableSpan<Float>) throws(CollectiveError)

  /// Gives every rank the root's bytes. What the other ranks pass in is replaced.
  func broadcast(_ bytes: inout [UInt8], from root: Int) throws(CollectiveError)

  /// Every rank's bytes, of any length, in the order of ranks.
  func allGather(_ bytes: [UInt8]) throws(CollectiveError) -> [[UInt8]]

  /// Returns once every rank has come here.
  func barrier() throws(CollectiveError)

  /// The largest of the ranks' values. With 0 for "well" it joins the ranks' states, so that one
  /// rank's failure stops all of them at the same step rather than leaving the others waiting.
  func maximum(_ value: Int) throws(CollectiveError) -> Int
}

/// Where parts of a vector may begin: at multiples of this.
///
/// A sum over blocks of this many elements (of squares, for a gradient's norm) then has the same
/// blocks, and so the same bits, at any number of ranks.
public let partitionUnit = 4096

extension Communicator {
  /// Which part of a vector of `count` elements each rank holds after `reduceTree`: contiguous, in
  /// the order of ranks, in whole units but for the last, as even as that allows.
  public func partition(count: Int) -> [Range<Int>] {
    let units = (count + partitionUnit - 1) / partitionUnit
    let (length, longer) = units.quotientAndRemainder(dividingBy: size)
    return (0..<size).map { rank in
      let start = rank * length + min(rank, longer)
      let end = start + length + (rank < longer ? 1 : 0)
      return min(start * partitionUnit, count)..<min(end * partitionUnit, count)
    }
  }

  /// Sums the ranks' vectors as a tree and leaves the whole sum on every rank.
  public func allReduceTree(_ vector: inout MutableSpan<Float>) throws(CollectiveError) {
    try reduceTree(&vector)
    try allGatherParts(&vector)
  }

  /// Every rank's numbers, bit for bit, in the order of ranks.
  public func allGather(doubles: [Double]) throws(CollectiveError) -> [[Double]] {
    let bytes = doubles.flatMap { value in
      (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt64($0))) }
    }
    return try allGather(bytes).map { bytes in
      (0..<bytes.count / 8).map { index in
        let bits = (0..<8).reduce(UInt64(0)) { bits, byte in
          bits | UInt64(bytes[8 * index + byte]) << (8 * UInt64(byte))
        }
        return Double(bitPattern: bits)
      }
    }
  }
}
