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
    let threshold = SIMD8(repeating: UInt64(density * 0x1p32))
    let count = (tensors.count + 7) / 8
    let step = 4096
    let parts = try Workers(threads: tensors.threads).map(
      (count + step - 1) / step, scratch: [SIMD8<UInt64>]()
    ) { words, piece in
      let first = piece * step
      words = [SIMD8<UInt64>](repeating: SIMD8(), count: min(step, count - first))
      random.fill(&words, first: first, b: model)
      return words.map { Self.byte($0 .< threshold) }
    }
    return parts.flatMap { $0 }
  }

  /// Each element with a probability by its magnitude's rank r = 1 … n in its row: (density − spread) + 2 spread (r − 1)/(n − 1).
  ///
  /// Of equal magnitudes the first has the lower rank. A row of one has no ranks, and keeps with the density itself.
  func bytes(density: Double, spread: Double) throws -> [UInt8] {
    let parts = try tensors.map(.rows) { block in
      var bytes = [UInt8](repeating: 0, count: block.lanes.count)
      let columns = block.columns
      var ranks = RowRanks(columns: columns)
      let slope = columns > 1 ? 2 * spread / Double(columns - 1) : 0
      let lowest = columns > 1 ? density - spread : density
      let thresholds = (0..<columns).map { UInt64((lowest + slope * Double($0)) * 0x1p32) }
      var words = [SIMD8<UInt64>](repeating: SIMD8(), count: block.lanes.count)
      random.fill(&words, first: block.position, b: model)
      let (base, values) = (block.base, block.models[0])
      for row in 0..<block.rows.count {
        let start = block.lanes(row: row).lowerBound
        ranks.rank { (values[start + $0] - base[start + $0]).magnitudes }
        words.withNumbers { words in
          for column in 0..<columns
          where words[start * 8 + column] < thresholds[ranks.ranks[column]] {
            bytes[start + column / 8] |= 1 << UInt8(column % 8)
          }
        }
      }
      return bytes
    }
    return parts.flatMap { $0 }
  }

  private static let bits = SIMD8<UInt64>(1, 2, 4, 8, 16, 32, 64, 128)

  private static func byte(_ mask: SIMDMask<SIMD8<Int64>>) -> UInt8 {
    UInt8(truncatingIfNeeded: SIMD8<UInt64>().replacing(with: bits, where: mask).wrappedSum())
  }
}

/// The ranks of a row's magnitudes, the smallest 0, by counting their bits a byte at a time.
struct RowRanks {
  private let columns: Int
  /// The magnitude's bits above the column's number.
  private var keys: [UInt64]
  private var sorted: [UInt64]
  /// The rank of each column's magnitude.
  private(set) var ranks: [Int]

  init(columns: Int) {
    self.columns = columns
    keys = [UInt64](repeating: 0, count: columns)
    sorted = keys
    ranks = [Int](repeating: 0, count: columns)
  }

  /// Ranks a row, given the magnitudes of its lanes.
  mutating func rank(_ magnitudes: (Int) -> SIMD8<UInt32>) {
    var differing: UInt64 = 0
    for lanes in 0..<(columns + 7) / 8 {
      let eight = magnitudes(lanes)
      for lane in 0..<min(8, columns - lanes * 8) {
        let column = lanes * 8 + lane
        keys[column] = UInt64(eight[lane]) << 32 | UInt64(column)
        differing |= keys[column] ^ keys[0]
      }
    }
    for shift in stride(from: 32, to: 64, by: 8) where differing >> UInt64(shift) & 0xFF != 0 {
      pass(UInt64(shift))
    }
    for rank in 0..<columns { ranks[Int(keys[rank] & 0xFFFF_FFFF)] = rank }
  }

  /// Orders the keys by one byte, those of equal bytes as they stand.
  private mutating func pass(_ shift: UInt64) {
    var starts = [Int](repeating: 0, count: 257)
    for key in keys { starts[Int(key >> shift & 0xFF) + 1] += 1 }
    for bin in 1..<257 { starts[bin] += starts[bin - 1] }
    for key in keys {
      let bin = Int(key >> shift & 0xFF)
      sorted[starts[bin]] = key
      starts[bin] += 1
    }
    swap(&keys, &sorted)
  }
}
