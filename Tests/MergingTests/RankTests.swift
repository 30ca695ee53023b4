import Randomness
import Testing

@testable import Merging

/// What is kept by rank is what sorting every row would keep.
@Suite struct RankTests {
  @Test func ranksAreThoseOfASort() {
    let values = numbers(1000, seed: 5, coarse: true)
    var order = RowOrder(columns: values.count)
    order.sort { lanes in
      var eight = Lanes()
      for lane in 0..<8 where lanes * 8 + lane < 1000 { eight[lane] = values[lanes * 8 + lane] }
      return eight.magnitudes
    }
    let sorted = values.indices.sorted { (abs(values[$0]), $0) < (abs(values[$1]), $1) }
    order.withColumns { columns in
      #expect(columns.indices.map { Int(columns[$0] & 0xFFFF_FFFF) } == sorted)
    }
  }

  /// Rows that fill no lanes, one word of bits and a column more, bins of both sizes.
  @Test(arguments: [1, 2, 7, 8, 63, 64, 65, 130, 1000, 2500])
  func whatIsKeptIsWhatASortWouldKeep(columns: Int) throws {
    let rows = 5
    for (kind, values) in Self.rows(rows * columns) {
      for (density, spread) in [(0.5, 0.15), (0.5, 0.4999), (0.3, 0)] {
        let expected = Self.sorting(values, columns: columns, density: density, spread: spread)
        let kept = try Self.kept(values, columns: columns, density: density, spread: spread)
        #expect(kept == expected, "\(kind), \(density) ± \(spread)")
      }
    }
  }

  /// Magnitudes of many kinds: spread out, all over the exponents, alike in all and in few, left alone, not numbers.
  private static func rows(_ count: Int) -> [(kind: String, values: [Float])] {
    let spread = numbers(count, seed: 11)
    let odd: [Float] = [0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, 1, -1]
    return [
      ("spread", spread), ("coarse", numbers(count, seed: 12, coarse: true)),
      ("narrow", spread.map { 1 + $0 / 1024 }), ("wide", spread.map { $0 * $0 * $0 * $0 * $0 }),
      ("equal", spread.map { $0 < 0 ? -0.25 : 0.25 }), ("zeros", spread.map { _ in 0 }),
      ("mostly zeros", spread.map { abs($0) < 0.45 ? 0 : $0 }),
      ("odd", spread.indices.map { odd[($0 * 5 + $0 / 3) % odd.count] }),
    ]
  }

  private static let seed: UInt64 = 9
  private static let model = 2

  private static func kept(
    _ values: [Float], columns: Int, density: Double, spread: Double
  ) throws -> [Bool] {
    let zeros = [Float](repeating: 0, count: values.count)
    let tensors = try inputs(
      DellaMerge(), base: zeros, [values], shape: [values.count / columns, columns], seed: seed)
    let bytes = try RandomMask(tensors, model: model).bytes(density: density, spread: spread)
    let width = (columns + 7) / 8
    return values.indices.map { index in
      let (row, column) = index.quotientAndRemainder(dividingBy: columns)
      return bytes[row * width + column / 8] >> UInt8(column % 8) & 1 == 1
    }
  }

  /// The definition: the word of each position, below the probability of its magnitude's rank.
  private static func sorting(
    _ values: [Float], columns: Int, density: Double, spread: Double
  ) -> [Bool] {
    let width = (columns + 7) / 8
    let random = CoordinateRandom(seed: seed, stream: "merge/mask/w")
    var words = [SIMD8<UInt64>](repeating: SIMD8(), count: values.count / columns * width)
    random.fill(&words, first: 0, b: UInt64(model))
    let slope = columns > 1 ? 2 * spread / Double(columns - 1) : 0
    let lowest = columns > 1 ? density - spread : density
    var kept = [Bool](repeating: false, count: values.count)
    for start in stride(from: 0, to: values.count, by: columns) {
      let order = (0..<columns).sorted {
        let (left, right) = (values[start + $0], values[start + $1])
        return (left.magnitude.bitPattern, $0) < (right.magnitude.bitPattern, $1)
      }
      for (rank, column) in order.enumerated() {
        let word = words[start / columns * width + column / 8][column % 8]
        kept[start + column] = word < UInt64((lowest + slope * Double(rank)) * 0x1p32)
      }
    }
    return kept
  }
}
