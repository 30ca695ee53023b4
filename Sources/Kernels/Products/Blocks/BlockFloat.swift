import CVectors

/// Block floating point: numbers as integers of 16 bits, of which each 64 that follow each other in a sum share a power
/// of two.
///
/// A sum of 64 products is then one of integers, exact in 32 bits, for which processors without instructions for bfloat16
/// have twice the multipliers that they have for float32. A number is wrong by 2⁻¹² of its block's largest at
/// most, where bfloat16 is wrong by 2⁻⁹ of the number itself.
enum BlockFloat {
  /// How many numbers share an exponent.
  static let length = 64
  /// Two neighbours are one word, as they are multiplied.
  static let pairs = 32
  /// The largest integer: 64 · 5792² is less than 2³¹.
  static let largest: Float = 5792

  /// How many blocks so many numbers fill, the last one perhaps with zeros behind them.
  static func blocks(_ depth: Int) -> Int { (depth &+ length &- 1) / length }

  /// The bits of numbers without their signs: as integers they are ordered as the numbers are, and what is no
  /// number is above all.
  @inline(__always) static func magnitudes(_ numbers: Lanes) -> SIMD8<Int32> {
    unsafeBitCast(numbers, to: SIMD8<Int32>.self) & SIMD8(repeating: 0x7FFF_FFFF)
  }

  /// What blocks with such largest magnitudes are multiplied by to become integers, and what those are worth.
  ///
  /// A power of two, so that neither rounds; of a block that is not finite the worth is no number.
  @inline(__always) static func scales(
    _ largest: SIMD8<Int32>
  ) -> (inverse: Lanes, worth: Lanes) {
    let magnitude = unsafeBitCast(largest, to: Lanes.self)
    let steps = unsafeBitCast(
      magnitude * Lanes(repeating: 1 / BlockFloat.largest), to: SIMD8<Int32>.self)
    // Up to the next power of two, and no smaller than the smallest normal number.
    let power = zhinao_larger(
      (steps &+ SIMD8(repeating: 0x007F_FFFF)) & SIMD8(repeating: 0x7F80_0000),
      SIMD8(repeating: 0x0080_0000))
    let inverse = SIMD8<Int32>(repeating: 0x7F00_0000) &- power
    return (
      unsafeBitCast(inverse, to: Lanes.self),
      unsafeBitCast(power, to: Lanes.self) + (magnitude - magnitude)
    )
  }

  /// The nearest integers, ties to even, in the lower halves of words.
  @inline(__always) static func integers(_ numbers: Lanes, _ inverse: Lanes) -> SIMD8<UInt32> {
    // Adding 1.5 · 2²³ rounds to a whole number and leaves it in the low bits.
    unsafeBitCast(
      Lanes(repeating: 12_582_912).addingProduct(numbers, inverse), to: SIMD8<UInt32>.self)
  }

  /// Integers and those that follow them in the sums, each two in a word.
  @inline(__always) static func words(
    _ first: SIMD8<UInt32>, _ second: SIMD8<UInt32>
  ) -> SIMD8<UInt32> {
    (first & SIMD8(repeating: 0xFFFF)) | (second &<< SIMD8(repeating: 16))
  }
}
