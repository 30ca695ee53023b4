import Randomness

/// Masks drawn by coordinates: the seed, the output tensor's name, the model's place and the element's position.
///
/// The same on every run, machine, thread and rank. Positions count the elements of the cut: for masks by rank with rows padded to
/// multiples of eight.
struct RandomMask {
  private let tensors: MergeTensors
  private let model: UInt64
  private let random: CoordinateRandom

  /// `tensors` has one model; `model` is its place among the merge's.
  init(_ tensors: MergeTensors, model: Int) {
    self.tensors = tensors
    self.model = UInt64(model)
    random = CoordinateRandom(seed: tensors.seed, stream: "merge/mask/\(tensors.name)")
  }

  /// Each element with the same probability, resolved to 2⁻³².
  func bytes(density: Double) throws -> [UInt8] {
    let threshold = UInt64(density * 0x1p32)
    let count = (tensors.count + 7) / 8
    // Words of a piece stay in a core's nearest cache.
    let step = 256
    let parts = try Workers(threads: tensors.threads).map(
      (count + step - 1) / step, scratch: [SIMD8<UInt64>]()
    ) { words, piece in
      let first = piece * step
      let size = min(step, count - first)
      if words.count != size { words = [SIMD8<UInt64>](repeating: SIMD8(), count: size) }
      random.fill(&words, first: first, b: model)
      var bytes = [UInt8](repeating: 0, count: size)
      for start in stride(from: 0, to: size, by: 8) {
        let lanes = start..<min(size, start + 8)
        let bits = Self.bits(words.span, lanes, below: threshold)
        for place in lanes {
          bytes[place] = UInt8(truncatingIfNeeded: bits >> UInt64((place - start) * 8))
        }
      }
      return bytes
    }
    return parts.flatMap { $0 }
  }

  /// Each element with a probability by its magnitude's rank r = 1 … n in its row: (density − spread) + 2 spread (r − 1)/(n − 1).
  ///
  /// Of equal magnitudes the first has the lower rank. A row of one has no ranks, and keeps with the density itself.
  func bytes(density: Double, spread: Double) throws -> [UInt8] {
    let columns = tensors.layout(.rows).columns
    let slope = columns > 1 ? 2 * spread / Double(columns - 1) : 0
    let lowest = columns > 1 ? density - spread : density
    let thresholds = (0..<columns).map { UInt64((lowest + slope * Double($0)) * 0x1p32) }
    let parts = try tensors.map(
      .rows, scratch: (rows: RankedRows(thresholds: thresholds), words: [SIMD8<UInt64>]())
    ) { scratch, block in
      var bytes = [UInt8](repeating: 0, count: block.lanes.count)
      if scratch.words.count != bytes.count {
        scratch.words = [SIMD8<UInt64>](repeating: SIMD8(), count: bytes.count)
      }
      random.fill(&scratch.words, first: block.position, b: model)
      for row in 0..<block.rows.count {
        scratch.rows.keep(block, row: row, words: scratch.words, into: &bytes)
      }
      return bytes
    }
    return parts.flatMap { $0 }
  }

  /// A bit for each of up to 64 words, given by their lanes: whether it is below a threshold, both below 2⁶³.
  ///
  /// The difference's highest bit, moved to the word's place; lanes are joined when all have been.
  @inline(__always)
  static func bits(
    _ words: Span<SIMD8<UInt64>>, _ lanes: Range<Int>, below threshold: UInt64
  ) -> UInt64 {
    let limit = SIMD8(repeating: threshold)
    var places = SIMD8<UInt64>(0, 1, 2, 3, 4, 5, 6, 7)
    var bits = SIMD8<UInt64>()
    for place in lanes {
      bits |= ((words[place] &- limit) &>> 63) &<< places
      places &+= 8
    }
    let fours = bits.lowHalf | bits.highHalf
    let twos = fours.lowHalf | fours.highHalf
    return twos[0] | twos[1]
  }
}
