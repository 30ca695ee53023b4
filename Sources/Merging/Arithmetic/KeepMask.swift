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

  /// Fills one mask for each of a block's lanes, of the changes of one of its models.
  func read(_ block: MergeBlock, changesOf model: Int, into masks: inout [Mask]) {
    guard case .band = kind else { return read(block, changes: [], into: &masks) }
    let (base, values) = (block.base, block.models[model])
    read(block, changes: block.lanes.map { values[$0] - base[$0] }, into: &masks)
  }

  /// Fills one mask for each of a block's lanes, given the changes there; only bands look at them.
  func read(_ block: MergeBlock, changes: [Lanes], into masks: inout [Mask]) {
    switch kind {
    case .all: for lanes in masks.indices { masks[lanes] = Mask(repeating: true) }
    case .none: for lanes in masks.indices { masks[lanes] = Mask(repeating: false) }
    case .band(let band):
      band.low.read(changes, at: block.position, into: &masks) { $1 }
      band.high?.read(changes, at: block.position, into: &masks) { $0 .& .!$1 }
    case .bytes(let bytes):
      let own = bytes.span.extracting(block.position..<block.position + masks.count)
      var masks = masks.mutableSpan
      for lanes in own.indices { masks[lanes] = KeepMask.mask(own[lanes]) }
    }
  }

  private static let bits = SIMD8<Int32>(1, 2, 4, 8, 16, 32, 64, 128)

  @inline(__always)
  static func mask(_ byte: UInt8) -> Mask {
    (SIMD8(repeating: Int32(byte)) & bits) .!= SIMD8()
  }
}

/// Magnitudes from one threshold to another.
struct MagnitudeBand: Sendable, Equatable {
  /// Kept are those that are among the largest by `low`, and not by `high`.
  var low: MagnitudeThreshold
  var high: MagnitudeThreshold?
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
  static let none = MagnitudeThreshold(bits: 1 << 31, end: 0)

  /// Joins what passes to masks, for lanes in a row from a position on.
  @inline(__always)
  func read(
    _ changes: [Lanes], at position: Int, into masks: inout [KeepMask.Mask],
    join: (KeepMask.Mask, KeepMask.Mask) -> KeepMask.Mask
  ) {
    precondition(changes.count == masks.count, "\(changes.count) lanes for \(masks.count) masks")
    let own = SIMD8(repeating: bits)
    // What passes before the end and from it on: equal magnitudes, or only larger ones.
    let (before, behind) = equals == .first ? (own, own &+ 1) : (own &+ 1, own)
    let turn = max(0, min(masks.count, end / 8 - position))
    for lanes in 0..<turn {
      masks[lanes] = join(masks[lanes], changes[lanes].magnitudes .>= before)
    }
    var rest = turn
    if end % 8 != 0, end / 8 == position + turn, turn < masks.count {
      let positions = SIMD8<Int32>(0, 1, 2, 3, 4, 5, 6, 7)
      let isBefore = positions .< SIMD8(repeating: Int32(end % 8))
      let magnitudes = changes[turn].magnitudes
      let passing = ((magnitudes .>= before) .& isBefore) .| ((magnitudes .>= behind) .& .!isBefore)
      masks[turn] = join(masks[turn], passing)
      rest += 1
    }
    for lanes in rest..<masks.count {
      masks[lanes] = join(masks[lanes], changes[lanes].magnitudes .>= behind)
    }
  }
}
