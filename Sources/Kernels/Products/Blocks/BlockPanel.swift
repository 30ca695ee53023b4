import CVectors

/// Sixteen columns of a right side in block floating point: of each block 32 rows of sixteen words, and behind them
/// what the columns' integers are worth.
enum BlockPanel {
  /// Of a block.
  static let words = 16 * (BlockFloat.pairs + 1)

  /// Fills the blocks of a panel from columns of a right side; behind the last number and the last column there are zeros.
  ///
  /// The element (k, j) is at `place + k · depthStride + j · columnStride`.
  static func pack(
    _ right: RightSide, at place: Int, depth: Int, columns: Int, depthStride: Int,
    columnStride: Int, into panel: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 16 * BlockFloat.length) { room in
      guard let numbers = room.baseAddress else { return }
      var target = panel
      for start in stride(from: 0, to: depth, by: BlockFloat.length) {
        let count = min(BlockFloat.length, depth &- start)
        right.pack(
          at: place &+ start &* depthStride, depth: count, columns: columns,
          depthStride: depthStride, columnStride: columnStride, into: numbers)
        (numbers + 16 &* count).clear(16 &* (BlockFloat.length &- count))
        encode(numbers, into: target)
        target += words
      }
    }
  }

  /// One block from numbers [64, 16].
  private static func encode(
    _ numbers: UnsafePointer<Float>, into block: UnsafeMutablePointer<Float>
  ) {
    for half in 0..<2 {
      let (inverse, worth) = scales(numbers + 8 &* half)
      var (from, to) = (numbers + 8 &* half, block + 8 &* half)
      for _ in 0..<BlockFloat.pairs {
        let first = BlockFloat.integers(from.lanes(at: 0), inverse)
        let second = BlockFloat.integers(from.lanes(at: 16), inverse)
        to.store(unsafeBitCast(BlockFloat.words(first, second), to: Lanes.self), at: 0)
        from += 32
        to += 16
      }
      to.store(worth, at: 0)
    }
  }

  /// Of eight columns' blocks.
  @inline(__always) private static func scales(
    _ numbers: UnsafePointer<Float>
  ) -> (inverse: Lanes, worth: Lanes) {
    var (largest, place) = (SIMD8<Int32>(), numbers)
    for _ in 0..<BlockFloat.length {
      largest = zhinao_larger(largest, BlockFloat.magnitudes(place.lanes(at: 0)))
      place += 16
    }
    return BlockFloat.scales(largest)
  }
}
