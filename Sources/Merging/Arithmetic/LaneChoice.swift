/// Choosing between lanes by a mask, in their bits.
///
/// The standard library's functions of these names ask each lane by itself, with a branch: a random mask of eight bits took six
/// times as long as the ten rounds that drew them. Here they are `and` and `or`, and what is written with them stays as it was.
extension SIMD8<Float> {
  /// These lanes where a mask has them, zeros elsewhere.
  @inline(__always)
  func kept(where mask: SIMDMask<SIMD8<Int32>>) -> SIMD8<Float> {
    let chosen = unsafeBitCast(mask, to: SIMD8<UInt32>.self)
    return unsafeBitCast(unsafeBitCast(self, to: SIMD8<UInt32>.self) & chosen, to: Self.self)
  }

  /// Other lanes where a mask has them.
  @inline(__always)
  func replacing(with other: SIMD8<Float>, where mask: SIMDMask<SIMD8<Int32>>) -> SIMD8<Float> {
    let chosen = unsafeBitCast(mask, to: SIMD8<UInt32>.self)
    let (own, others) = (
      unsafeBitCast(self, to: SIMD8<UInt32>.self), unsafeBitCast(other, to: SIMD8<UInt32>.self)
    )
    return unsafeBitCast(own ^ ((own ^ others) & chosen), to: Self.self)
  }
}

extension SIMD8<Double> {
  /// These lanes where a mask has them, zeros elsewhere.
  @inline(__always)
  func kept(where mask: SIMDMask<SIMD8<Int64>>) -> SIMD8<Double> {
    let chosen = unsafeBitCast(mask, to: SIMD8<UInt64>.self)
    return unsafeBitCast(unsafeBitCast(self, to: SIMD8<UInt64>.self) & chosen, to: Self.self)
  }

  /// Other lanes where a mask has them.
  @inline(__always)
  func replacing(with other: SIMD8<Double>, where mask: SIMDMask<SIMD8<Int64>>) -> SIMD8<Double> {
    let chosen = unsafeBitCast(mask, to: SIMD8<UInt64>.self)
    let (own, others) = (
      unsafeBitCast(self, to: SIMD8<UInt64>.self), unsafeBitCast(other, to: SIMD8<UInt64>.self)
    )
    return unsafeBitCast(own ^ ((own ^ others) & chosen), to: Self.self)
  }

  @inline(__always)
  func replacing(with other: Double, where mask: SIMDMask<SIMD8<Int64>>) -> SIMD8<Double> {
    replacing(with: SIMD8(repeating: other), where: mask)
  }

  @inline(__always)
  mutating func replace(with other: SIMD8<Double>, where mask: SIMDMask<SIMD8<Int64>>) {
    self = replacing(with: other, where: mask)
  }

  @inline(__always)
  mutating func replace(with other: Double, where mask: SIMDMask<SIMD8<Int64>>) {
    self = replacing(with: other, where: mask)
  }

  /// The lanes' sizes: their bits without the sign.
  @inline(__always)
  var magnitude: SIMD8<Double> {
    let bits = unsafeBitCast(self, to: SIMD8<UInt64>.self)
    return unsafeBitCast(bits & SIMD8<UInt64>(repeating: UInt64.max >> 1), to: Self.self)
  }

  /// The lanes with the sign that `signs` has in its highest bits turned.
  @inline(__always)
  func turned(by signs: SIMD8<UInt64>) -> SIMD8<Double> {
    unsafeBitCast(unsafeBitCast(self, to: SIMD8<UInt64>.self) ^ signs, to: Self.self)
  }

  /// The highest bit of the lanes that are less than 0.
  @inline(__always)
  var negativeSigns: SIMD8<UInt64> {
    unsafeBitCast(self .< 0, to: SIMD8<UInt64>.self) & SIMD8<UInt64>(repeating: 1 << 63)
  }
}
