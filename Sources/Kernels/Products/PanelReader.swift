import CVectors

/// How sixteen outputs' numbers of one format are widened to float32, four inputs at a time.
///
/// Words of 32 bits are shifted and masked: no number changes its lane, which would cost more than reading
/// float32 does.
protocol PanelReader {
  /// What eight outputs share over a group of 32 inputs.
  associatedtype Scales
  /// Bytes of a group, and of the scales in front of its numbers.
  static var groupBytes: Int { get }
  static var scaleBytes: Int { get }
  /// Those of the first eight outputs (`half` 0) or of the last (1).
  static func scales(_ group: UnsafeRawPointer, half: Int) -> Scales
  /// Eight outputs of input `step` of the four at `quad`.
  static func lanes(_ quad: UnsafeRawPointer, _ step: Int, half: Int, _ scales: Scales) -> Lanes
}

extension PanelReader {
  /// Bytes of four inputs.
  static var quadBytes: Int { @inline(__always) get { (groupBytes &- scaleBytes) / 8 } }
}

enum FloatReader: PanelReader {
  static var groupBytes: Int { 64 * PackedWeights.group }
  static var scaleBytes: Int { 0 }

  @inline(__always) static func scales(_ group: UnsafeRawPointer, half: Int) {}

  @inline(__always) static func lanes(
    _ quad: UnsafeRawPointer, _ step: Int, half: Int, _ scales: Void
  ) -> Lanes {
    quad.loadUnaligned(fromByteOffset: 64 &* step &+ 32 &* half, as: Lanes.self)
  }
}

enum BrainFloatReader: PanelReader {
  static var groupBytes: Int { 32 * PackedWeights.group }
  static var scaleBytes: Int { 0 }

  @inline(__always) static func scales(_ group: UnsafeRawPointer, half: Int) {}

  @inline(__always) static func lanes(
    _ quad: UnsafeRawPointer, _ step: Int, half: Int, _ scales: Void
  ) -> Lanes {
    let words = quad.loadUnaligned(fromByteOffset: 32 &* step, as: SIMD8<UInt32>.self)
    let bits = half == 0 ? words &<< SIMD8(repeating: 16) : words & SIMD8(repeating: 0xFFFF_0000)
    return unsafeBitCast(bits, to: Lanes.self)
  }
}

enum ByteReader: PanelReader {
  static var groupBytes: Int { 32 + 16 * PackedWeights.group }
  static var scaleBytes: Int { 32 }

  /// A byte is widened at the upper end of its word, where its sign is the word's: 2²⁴ times too large.
  @inline(__always) static func scales(_ group: UnsafeRawPointer, half: Int) -> Lanes {
    zhinao_halves(group + 16 &* half) * 0x1p-24
  }

  @inline(__always) static func lanes(
    _ quad: UnsafeRawPointer, _ step: Int, half: Int, _ scales: Lanes
  ) -> Lanes {
    let words = quad.loadUnaligned(fromByteOffset: step / 2 &* 32, as: SIMD8<UInt32>.self)
    let place = step % 2 &* 2 &+ half
    let raised = words &<< SIMD8(repeating: UInt32(24 &- 8 &* place))
    return floats(place == 0 ? raised : raised & SIMD8(repeating: 0xFF00_0000)) * scales
  }
}

enum NibbleReader: PanelReader {
  static var groupBytes: Int { 64 + 8 * PackedWeights.group }
  static var scaleBytes: Int { 64 }

  struct Scales {
    let scale: Lanes
    let minimum: Lanes
  }

  @inline(__always) static func scales(_ group: UnsafeRawPointer, half: Int) -> Scales {
    Scales(
      scale: zhinao_halves(group + 16 &* half), minimum: zhinao_halves(group + (32 &+ 16 &* half)))
  }

  /// q · scale is exact, fifteen bits: fused or not, its sum with the minimum is rounded once.
  @inline(__always) static func lanes(
    _ quad: UnsafeRawPointer, _ step: Int, half: Int, _ scales: Scales
  ) -> Lanes {
    let words = quad.loadUnaligned(as: SIMD8<UInt32>.self)
    let place = 2 &* step &+ half
    let lowered = words &>> SIMD8(repeating: UInt32(4 &* place))
    return scales.minimum.addingProduct(
      floats(place == 7 ? lowered : lowered & SIMD8(repeating: 15)), scales.scale)
  }
}

/// Whole numbers with their signs.
@inline(__always) private func floats(_ words: SIMD8<UInt32>) -> Lanes {
  zhinao_floats(unsafeBitCast(words, to: SIMD8<Int32>.self))
}
