/// Which elements of one model's changes are kept.
struct KeepMask: Sendable, Equatable {
  typealias Mask = SIMDMask<SIMD8<Int32>>

  enum Kind: Sendable, Equatable {
    case all
    case none
    /// Those whose magnitude is within these bounds.
    case band(MagnitudeBand)
    /// A byte for eight elements, the first element its lowest bit, by the position of lanes in the block's cut.
    case bytes([UInt8])
  }

  var kind: Kind

  init(_ kind: Kind) { self.kind = kind }

  var isAll: Bool { kind == .all }

  /// Fills one mask for each of a block's lanes.
  func read(_ block: MergeBlock, changes: [Lanes], into masks: inout [Mask]) {
    switch kind {
    case .all: for lanes in masks.indices { masks[lanes] = Mask(repeating: true) }
    case .none: for lanes in masks.indices { masks[lanes] = Mask(repeating: false) }
    case .band(let band):
      for lanes in masks.indices {
        masks[lanes] = band.contains(changes[lanes].magnitudes, at: block.position + lanes)
      }
    case .bytes(let bytes):
      for lanes in masks.indices { masks[lanes] = KeepMask.mask(bytes[block.position + lanes]) }
    }
  }

  private static let bits = SIMD8<Int32>(1, 2, 4, 8, 16, 32, 64, 128)

  static func mask(_ byte: UInt8) -> Mask {
    (SIMD8(repeating: Int32(byte)) & bits) .!= SIMD8()
  }

  static func byte(_ mask: Mask) -> UInt8 {
    UInt8(truncatingIfNeeded: SIMD8<Int32>().replacing(with: bits, where: mask).wrappedSum())
  }
}

/// Magnitudes from one threshold to another.
struct MagnitudeBand: Sendable, Equatable {
  /// Kept are those that are among the largest by `low`, and not by `high`.
  var low: MagnitudeThreshold
  var high: MagnitudeThreshold?

  func contains(_ magnitudes: SIMD8<UInt32>, at lanes: Int) -> KeepMask.Mask {
    let kept = low.isPassed(by: magnitudes, at: lanes)
    guard let high else { return kept }
    return kept .& .!high.isPassed(by: magnitudes, at: lanes)
  }
}

/// Where the k largest of a tensor's magnitudes end: exactly k pass.
struct MagnitudeThreshold: Sendable, Equatable {
  /// Which of equal magnitudes count as larger, by their places in the tensor.
  enum Equals: Sendable, Equatable {
    case first
    case last
  }

  var bits: UInt32
  /// Those equal to `bits` pass before this position, or from it on; counted in elements of whole lanes.
  var end: Int
  var equals = Equals.first

  static let all = MagnitudeThreshold(bits: 0, end: .max)
  static let none = MagnitudeThreshold(bits: .max, end: 0)

  func isPassed(by magnitudes: SIMD8<UInt32>, at lanes: Int) -> KeepMask.Mask {
    let own = SIMD8(repeating: bits)
    let equal = magnitudes .== own
    let before = max(0, min(8, end - lanes * 8))
    let positions = SIMD8<Int32>(0, 1, 2, 3, 4, 5, 6, 7)
    let isBefore = positions .< SIMD8(repeating: Int32(before))
    return magnitudes .> own .| (equal .& (equals == .first ? isBefore : .!isBefore))
  }
}
