extension PackedWeights {
  /// The float32 numbers [count, 16] of a panel from input `start` on: in place, or unpacked into
  /// `room`, which stays in the first-level cache.
  @inline(__always) func block(
    _ panel: UnsafeMutableRawPointer, from start: Int, count: Int,
    room: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    switch format {
    case .float32:
      return UnsafePointer(panel.assumingMemoryBound(to: Float.self)) + start &* 16
    case .bfloat16: unpackBrainFloats(UnsafeRawPointer(panel) + start &* 32, count, room)
    case .int8: unpackBytes(UnsafeRawPointer(panel), start, count, room)
    case .int4: unpackNibbles(UnsafeRawPointer(panel), start, count, room)
    }
    return UnsafePointer(room)
  }
}

private func unpackBrainFloats(
  _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<Float>
) {
  let words = source.assumingMemoryBound(to: UInt16.self)
  for index in 0..<16 &* count {
    target[index] = Float(bitPattern: UInt32(words[index]) &<< 16)
  }
}

/// `start` is a multiple of the group.
private func unpackBytes(
  _ panel: UnsafeRawPointer, _ start: Int, _ count: Int, _ target: UnsafeMutablePointer<Float>
) {
  let size = 32 &+ 16 &* PackedWeights.group
  var (source, target, left) = (panel + start / PackedWeights.group &* size, target, count)
  while left > 0 {
    let scales = SIMD16<Float>(source.loadUnaligned(as: SIMD16<Float16>.self))
    for k in 0..<min(PackedWeights.group, left) {
      let bytes = source.loadUnaligned(fromByteOffset: 32 &+ 16 &* k, as: SIMD16<Int8>.self)
      let numbers = SIMD16<Float>(SIMD16<Int32>(truncatingIfNeeded: bytes)) * scales
      UnsafeMutableRawPointer(target).storeBytes(of: numbers, as: SIMD16<Float>.self)
      target += 16
    }
    source += size
    left &-= PackedWeights.group
  }
}

private func unpackNibbles(
  _ panel: UnsafeRawPointer, _ start: Int, _ count: Int, _ target: UnsafeMutablePointer<Float>
) {
  let size = 64 &+ 8 &* PackedWeights.group
  var (source, target, left) = (panel + start / PackedWeights.group &* size, target, count)
  while left > 0 {
    let scales = SIMD16<Float>(source.loadUnaligned(as: SIMD16<Float16>.self))
    let minima = SIMD16<Float>(
      source.loadUnaligned(fromByteOffset: 32, as: SIMD16<Float16>.self))
    for k in 0..<16 {
      let bytes = source.loadUnaligned(fromByteOffset: 64 &+ 16 &* k, as: SIMD16<UInt8>.self)
      let low = SIMD16<Float>(SIMD16<Int32>(truncatingIfNeeded: bytes & 15))
      let high = SIMD16<Float>(SIMD16<Int32>(truncatingIfNeeded: bytes &>> 4))
      let place = UnsafeMutableRawPointer(target + 16 &* k)
      place.storeBytes(of: low * scales + minima, as: SIMD16<Float>.self)
      place.storeBytes(
        of: high * scales + minima, toByteOffset: 1024, as: SIMD16<Float>.self)
    }
    target += 16 &* PackedWeights.group
    source += size
    left &-= PackedWeights.group
  }
}
