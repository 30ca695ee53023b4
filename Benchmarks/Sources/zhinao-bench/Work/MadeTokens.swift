import Randomness

/// Tokens drawn at random under fixed coordinates: what is measured does not depend on their meaning.
struct MadeTokens {
  private let random: CoordinateRandom
  private let vocabulary: Int
  /// The first tokens of many a vocabulary have roles.
  private static let reserved = 4

  init(_ stream: String, vocabulary: Int) {
    random = CoordinateRandom(seed: 1, stream: "bench/\(stream)")
    self.vocabulary = vocabulary
  }

  /// Tokens of the row of a step.
  func row(_ row: Int, step: Int, count: Int) -> [Int32] {
    (0..<count).map { index in
      let place = UInt64(step) << 32 | UInt64(row) << 20 | UInt64(index)
      return Int32(
        MadeTokens.reserved + random.below(vocabulary - MadeTokens.reserved, place))
    }
  }
}
