import CVectors

extension BlockLeft {
  /// Rows beside each other that are rounded together: three times eight are four tiles.
  private static let width = 24

  /// Rounds rows whose numbers lie beside each other, `stride` from one number of the depth to the next.
  func encodeAcross(_ source: UnsafePointer<Float>, _ depth: Int, _ stride: Int) {
    let capacity = BlockLeft.width * (BlockFloat.length + 1)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { room in
      guard let numbers = room.baseAddress else { return }
      let line = numbers + BlockLeft.width &* BlockFloat.length
      for row in Swift.stride(from: 0, to: rows, by: BlockLeft.width) {
        let width = min(BlockLeft.width, rows &- row)
        for block in 0..<blocks {
          let start = block &* BlockFloat.length
          let count = min(BlockFloat.length, depth &- start)
          var (from, step) = (source + (row &+ start &* stride), stride)
          if width < BlockLeft.width || count < BlockFloat.length {
            numbers.clear(BlockLeft.width &* BlockFloat.length)
            for k in 0..<count {
              (numbers + BlockLeft.width &* k).update(from: from + k &* stride, count: width)
            }
            (from, step) = (UnsafePointer(numbers), BlockLeft.width)
          }
          encode(from, step, tiles: (width &+ 5) / 6, from: row, block, line)
        }
      }
    }
  }

  /// At most four tiles' block from numbers [64, 24] whose lines are `step` apart.
  private func encode(
    _ numbers: UnsafePointer<Float>, _ step: Int, tiles: Int, from row: Int, _ block: Int,
    _ line: UnsafeMutablePointer<Float>
  ) {
    var (a, b, c) = (SIMD8<Int32>(), SIMD8<Int32>(), SIMD8<Int32>())
    var from = numbers
    for _ in 0..<BlockFloat.length {
      a = zhinao_larger(a, BlockFloat.magnitudes(from.lanes(at: 0)))
      b = zhinao_larger(b, BlockFloat.magnitudes(from.lanes(at: 8)))
      c = zhinao_larger(c, BlockFloat.magnitudes(from.lanes(at: 16)))
      from += step
    }
    let scales = (BlockFloat.scales(a), BlockFloat.scales(b), BlockFloat.scales(c))
    from = numbers
    var to = place(row: row, block: block)
    for _ in 0..<BlockFloat.pairs {
      let next = from + step
      line.store(words(from, next, 0, scales.0.inverse), at: 0)
      line.store(words(from, next, 8, scales.1.inverse), at: 8)
      line.store(words(from, next, 16, scales.2.inverse), at: 16)
      share(line, tiles, to)
      from = next + step
      to += BlockTile.rows
    }
    line.store(scales.0.worth, at: 0)
    line.store(scales.1.worth, at: 8)
    line.store(scales.2.worth, at: 16)
    share(line, tiles, to)
  }

  @inline(__always) private func words(
    _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, _ place: Int, _ inverse: Lanes
  ) -> Lanes {
    unsafeBitCast(
      BlockFloat.words(
        BlockFloat.integers(first.lanes(at: place), inverse),
        BlockFloat.integers(second.lanes(at: place), inverse)), to: Lanes.self)
  }

  /// Of a line each six words to their tile.
  @inline(__always) private func share(
    _ line: UnsafePointer<Float>, _ tiles: Int, _ target: UnsafeMutablePointer<Float>
  ) {
    var (six, to) = (UnsafeRawPointer(line), UnsafeMutableRawPointer(target))
    for _ in 0..<tiles {
      to.storeBytes(of: six.loadUnaligned(as: SIMD4<Float>.self), as: SIMD4<Float>.self)
      to.storeBytes(
        of: six.loadUnaligned(fromByteOffset: 16, as: SIMD2<Float>.self), toByteOffset: 16,
        as: SIMD2<Float>.self)
      six += 24
      to += 24 &* BlockLeft.words
    }
  }
}
