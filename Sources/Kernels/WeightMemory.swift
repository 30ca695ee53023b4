/// Memory that the weights of a network share.
///
/// Decoding reads all of it for every token, and a pass for every micro-batch. Matrices one behind the other in large
/// stretches lie in two-megabyte pages; a stretch for each would leave most of them in small ones, whose addresses are
/// as slow to find as their numbers are to read. A stretch is given back when no weights lie in it any more.
public final class WeightMemory {
  /// Addresses; memory is taken as it is written.
  private static let stretchBytes = 1 << 26

  private var stretch: Pages?
  private var used = 0

  public init() {}

  /// `byteCount` zeroed bytes at a cache line, and what keeps them.
  func take(_ byteCount: Int) -> (stretch: Pages, start: UnsafeMutableRawPointer) {
    defer { used += (byteCount + 63) / 64 * 64 }
    if let stretch, used + byteCount <= stretch.byteCount {
      return (stretch, stretch.start + used)
    }
    let stretch = Pages(byteCount: max(byteCount, WeightMemory.stretchBytes))
    (self.stretch, used) = (stretch, 0)
    return (stretch, stretch.start)
  }
}
