import Glibc

/// Memory that the packed weights of a network share.
///
/// Decoding reads all of it for every token. Matrices one behind the other in large stretches lie in two-megabyte
/// pages; a stretch for each would leave most of them in small ones, whose addresses are as slow to find as
/// their numbers are to read.
public final class PackedMemory {
  /// Zeroed memory of the system, given back when no weights lie in it any more.
  final class Stretch {
    let start: UnsafeMutableRawPointer
    let byteCount: Int

    init(byteCount: Int) {
      let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let address, address != MAP_FAILED else {
        preconditionFailure("no memory for \(byteCount) bytes")
      }
      madvise(address, byteCount, Int32(MADV_HUGEPAGE))
      (start, self.byteCount) = (address, byteCount)
    }

    deinit { munmap(start, byteCount) }
  }

  /// Addresses; memory is taken as it is written.
  private static let stretchBytes = 1 << 26

  private var stretch: Stretch?
  private var used = 0

  public init() {}

  /// `byteCount` bytes at a cache line, and what keeps them.
  func take(_ byteCount: Int) -> (stretch: Stretch, start: UnsafeMutableRawPointer) {
    defer { used += (byteCount + 63) / 64 * 64 }
    if let stretch, used + byteCount <= stretch.byteCount {
      return (stretch, stretch.start + used)
    }
    let stretch = Stretch(byteCount: max(byteCount, PackedMemory.stretchBytes))
    (self.stretch, used) = (stretch, 0)
    return (stretch, stretch.start)
  }
}
