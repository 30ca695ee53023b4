import Checkpoints

/// Eight numbers at once, as models hold them.
public typealias Lanes = SIMD8<Float>

/// Eight numbers at once, as sums are held: a product of two floats is exact in Double, so the only rounding that shows is the last.
public typealias WideLanes = SIMD8<Double>

// These stand in the innermost loops of everything: a call for eight numbers would cost more than the numbers.
extension SIMD8<Float> {
  /// The same numbers, exactly.
  @inline(__always)
  var wide: WideLanes {
    WideLanes(
      Double(self[0]), Double(self[1]), Double(self[2]), Double(self[3]), Double(self[4]),
      Double(self[5]), Double(self[6]), Double(self[7]))
  }

  /// Their sizes as whole numbers: the bits of a float without its sign sort as its magnitude does.
  @inline(__always)
  var magnitudes: SIMD8<UInt32> {
    unsafeBitCast(self, to: SIMD8<UInt32>.self) & SIMD8<UInt32>(repeating: 0x7FFF_FFFF)
  }
}

extension SIMD8<Double> {
  /// The sum of the lanes in one order everywhere: halves, then quarters, then the last two.
  var total: Double {
    let fours = lowHalf + highHalf
    let twos = fours.lowHalf + fours.highHalf
    return twos[0] + twos[1]
  }

  /// The lanes before `count`, zeros behind them.
  func first(_ count: Int) -> WideLanes {
    var kept = WideLanes()
    for lane in 0..<Swift.min(count, 8) { kept[lane] = self[lane] }
    return kept
  }
}

extension Array where Element: SIMD {
  /// Lends the numbers one after another.
  func withNumbers<R>(_ body: (Span<Element.Scalar>) throws -> R) rethrows -> R {
    try withUnsafeBytes { try body($0.bindMemory(to: Element.Scalar.self).span) }
  }
}

extension [SIMD8<Float>] {
  /// Lends the numbers one after another, to be written.
  mutating func withFloats<R>(
    _ elements: Range<Int>, _ body: (inout MutableSpan<Float>) throws -> R
  ) rethrows -> R {
    try withUnsafeMutableBytes { bytes in
      let floats = bytes.bindMemory(to: Float.self)
      var span = UnsafeMutableBufferPointer(rebasing: floats[elements]).mutableSpan
      return try body(&span)
    }
  }

  /// Numbers of these as elements of a file.
  func encoded(_ elements: Range<Int>, as type: ElementType) -> [UInt8] {
    withUnsafeBytes { bytes in
      let floats = bytes.bindMemory(to: Float.self)
      return type.encode(UnsafeBufferPointer(rebasing: floats[elements]).span)
    }
  }

  /// The numbers of these.
  func floats(_ elements: Range<Int>) -> [Float] {
    withUnsafeBytes { bytes in
      [Float](UnsafeBufferPointer(rebasing: bytes.bindMemory(to: Float.self)[elements]))
    }
  }
}
