/// Sixteen-bit floats as files and fast products hold them; rounding is to nearest, ties to even.
public enum HalfPrecision {
  /// The bits of the nearest bfloat16; a NaN stays one.
  @inline(__always) public static func brainFloat(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let rounded = bits &+ 0x7FFF &+ ((bits &>> 16) & 1)
    let isNaN = bits & 0x7FFF_FFFF > 0x7F80_0000
    return UInt16(truncatingIfNeeded: (isNaN ? bits | 0x40_0000 : rounded) &>> 16)
  }

  @inline(__always) public static func float(brainFloat bits: UInt16) -> Float {
    Float(bitPattern: UInt32(bits) &<< 16)
  }

  /// Rounds to bfloat16.
  public static func encodeBrainFloats(
    _ source: Span<Float>, into target: inout MutableSpan<UInt16>
  ) {
    requireSame(source.count, target.count)
    for index in 0..<source.count {
      target[unchecked: index] = brainFloat(source[unchecked: index])
    }
  }

  public static func decodeBrainFloats(
    _ source: Span<UInt16>, into target: inout MutableSpan<Float>
  ) {
    requireSame(source.count, target.count)
    for index in 0..<source.count {
      target[unchecked: index] = float(brainFloat: source[unchecked: index])
    }
  }

  /// Rounds to IEEE half precision; what is too large becomes infinite.
  public static func encodeHalves(
    _ source: Span<Float>, into target: inout MutableSpan<UInt16>
  ) {
    requireSame(source.count, target.count)
    for index in 0..<source.count {
      target[unchecked: index] = Float16(source[unchecked: index]).bitPattern
    }
  }

  public static func decodeHalves(_ source: Span<UInt16>, into target: inout MutableSpan<Float>) {
    requireSame(source.count, target.count)
    for index in 0..<source.count {
      target[unchecked: index] = Float(Float16(bitPattern: source[unchecked: index]))
    }
  }

  private static func requireSame(_ source: Int, _ target: Int) {
    precondition(source == target, "\(source) numbers do not fit room for \(target)")
  }
}
