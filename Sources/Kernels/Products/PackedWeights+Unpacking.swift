import CVectors

extension PackedWeights {
  /// The float32 numbers [count, 16] of a panel from input `start` on: in place, or unpacked into
  /// `room`, which stays in the first-level cache.
  @inline(__always) func block(
    _ panel: UnsafeMutableRawPointer, from start: Int, count: Int,
    room: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    if format == .float32 {
      return UnsafePointer(panel.assumingMemoryBound(to: Float.self)) + start &* 16
    }
    read(panel, from: start, count: count) { k, first, second in
      room.store(first, at: k &* 16)
      room.store(second, at: k &* 16 &+ 8)
    }
    return UnsafePointer(room)
  }

  /// One row times a block of a panel: the chain of `ProductTile`, without storing what is unpacked.
  func multiplyRow(
    _ x: UnsafePointer<Float>, _ panel: UnsafeMutableRawPointer, from start: Int, count: Int,
    into target: ProductTile.Target
  ) {
    var (s, t) = (Lanes(), Lanes())
    read(panel, from: start, count: count) { k, first, second in
      let left = Lanes(repeating: x[k])
      s = s.addingProduct(left, first)
      t = t.addingProduct(left, second)
    }
    target.put(s, t, 0)
  }

  /// Every input's sixteen numbers, in order; `start` is a multiple of a group.
  ///
  /// Words of 32 bits are shifted and masked: no number changes its lane, which would cost more than
  /// reading float32 does. For quantised formats `body` may be told of inputs behind the last.
  @inline(__always) private func read(
    _ panel: UnsafeMutableRawPointer, from start: Int, count: Int,
    _ body: (Int, Lanes, Lanes) -> Void
  ) {
    switch format {
    case .float32: readFloats(UnsafeRawPointer(panel) + start &* 64, count, body)
    case .bfloat16: readBrainFloats(UnsafeRawPointer(panel) + start &* 32, count, body)
    case .int8:
      let size = 32 &+ 16 &* PackedWeights.group
      readBytes(UnsafeRawPointer(panel) + start / PackedWeights.group &* size, count, body)
    case .int4:
      let size = 64 &+ 8 &* PackedWeights.group
      readNibbles(UnsafeRawPointer(panel) + start / PackedWeights.group &* size, count, body)
    }
  }
}

@inline(__always) private func readFloats(
  _ source: UnsafeRawPointer, _ count: Int, _ body: (Int, Lanes, Lanes) -> Void
) {
  let numbers = source.assumingMemoryBound(to: Float.self)
  for k in 0..<count { body(k, numbers.lanes(at: k &* 16), numbers.lanes(at: k &* 16 &+ 8)) }
}

@inline(__always) private func readBrainFloats(
  _ source: UnsafeRawPointer, _ count: Int, _ body: (Int, Lanes, Lanes) -> Void
) {
  let mask = SIMD8<UInt32>(repeating: 0xFFFF_0000)
  for k in 0..<count {
    let words = source.loadUnaligned(fromByteOffset: k &* 32, as: SIMD8<UInt32>.self)
    body(
      k, unsafeBitCast(words &<< SIMD8(repeating: 16), to: Lanes.self),
      unsafeBitCast(words & mask, to: Lanes.self))
  }
}

@inline(__always) private func readBytes(
  _ source: UnsafeRawPointer, _ count: Int, _ body: (Int, Lanes, Lanes) -> Void
) {
  var (source, k) = (source, 0)
  while k < count {
    let (scale, otherScale) = (halves(source, 0), halves(source, 16))
    let end = min(k &+ PackedWeights.group, count)
    var words = source + 32
    while k < end {
      let four = words.loadUnaligned(as: SIMD8<Int32>.self)
      body(k, byte(four, 0) * scale, byte(four, 1) * otherScale)
      if k &+ 1 < end { body(k &+ 1, byte(four, 2) * scale, byte(four, 3) * otherScale) }
      words += 32
      k &+= 2
    }
    source += 32 &+ 16 &* PackedWeights.group
  }
}

@inline(__always) private func readNibbles(
  _ source: UnsafeRawPointer, _ count: Int, _ body: (Int, Lanes, Lanes) -> Void
) {
  var (source, k) = (source, 0)
  while k < count {
    let (scale, otherScale) = (halves(source, 0), halves(source, 16))
    let (minimum, otherMinimum) = (halves(source, 32), halves(source, 48))
    let end = min(k &+ PackedWeights.group, count)
    var words = source + 64
    while k < end {
      let eight = words.loadUnaligned(as: SIMD8<Int32>.self)
      // q · scale is exact, fifteen bits: fused or not, the sum is rounded once.
      for step in 0..<4 where k &+ step < end {
        body(
          k &+ step, minimum.addingProduct(nibble(eight, 2 &* step), scale),
          otherMinimum.addingProduct(nibble(eight, 2 &* step &+ 1), otherScale))
      }
      words += 32
      k &+= 4
    }
    source += 64 &+ 8 &* PackedWeights.group
  }
}

/// Eight half-precision numbers.
@inline(__always) private func halves(_ source: UnsafeRawPointer, _ offset: Int) -> Lanes {
  zhinao_halves(source + offset)
}

/// A byte of each word, with its sign.
@inline(__always) private func byte(_ words: SIMD8<Int32>, _ index: Int32) -> Lanes {
  let raised = words &<< SIMD8(repeating: 24 &- 8 &* index)
  return zhinao_floats(raised &>> SIMD8(repeating: 24))
}

/// Four bits of each word, without a sign.
@inline(__always) private func nibble(_ words: SIMD8<Int32>, _ index: Int) -> Lanes {
  let lowered = words &>> SIMD8(repeating: Int32(truncatingIfNeeded: 4 &* index))
  return zhinao_floats(lowered & SIMD8(repeating: 15))
}
