import Glibc

/// Random numbers as a function of coordinates: a seed, a named stream and two numbers.
///
/// The same coordinates give the same number on every rank, thread and run, in any order of asking.
public struct CoordinateRandom: Sendable, Equatable {
  let generator: Philox

  /// The numbers of one purpose, such as `"grpo/sample"`, under one seed.
  ///
  /// Other streams of the same seed are unrelated.
  public init(seed: UInt64, stream: String) {
    // FNV-1a spreads the name over 64 bits; Philox does the mixing.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in stream.utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    let seedWords = Philox(key: (UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32)))
    let key = seedWords.words(
      (UInt32(truncatingIfNeeded: hash), UInt32(hash >> 32), 0x5A48, 0x494E))
    generator = Philox(key: (key.0, key.1))
  }

  /// 64 random bits at the coordinates (a, b).
  public func bits(_ a: UInt64, _ b: UInt64 = 0) -> UInt64 {
    let words = generator.words(
      (
        UInt32(truncatingIfNeeded: a), UInt32(a >> 32), UInt32(truncatingIfNeeded: b),
        UInt32(b >> 32)
      ))
    return UInt64(words.0) | UInt64(words.1) << 32
  }

  /// A number in [0, 1) with 53 random bits.
  public func uniform(_ a: UInt64, _ b: UInt64 = 0) -> Double {
    Double(bits(a, b) >> 11) * 0x1p-53
  }

  /// A whole number in 0..<bound, with a bias below 2⁻⁶⁴ · bound.
  public func below(_ bound: Int, _ a: UInt64, _ b: UInt64 = 0) -> Int {
    precondition(bound > 0, "cannot draw below \(bound)")
    return Int(bits(a, b).multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A standard normal number (Box–Muller).
  public func normal(_ a: UInt64, _ b: UInt64 = 0) -> Double {
    let words = generator.words(
      (
        UInt32(truncatingIfNeeded: a), UInt32(a >> 32), UInt32(truncatingIfNeeded: b),
        UInt32(b >> 32)
      ))
    let radius = (Double(UInt64(words.0) | UInt64(words.1) << 32) + 1) * 0x1p-64
    let angle = Double(UInt64(words.2) | UInt64(words.3) << 32) * 0x1p-64
    return (-2 * log(min(radius, 1))).squareRoot() * cos(2 * .pi * angle)
  }

  /// A random order of 0..<count (Fisher–Yates), one for each `epoch`.
  public func permutation(count: Int, epoch: UInt64 = 0) -> [Int] {
    var order = Array(0..<count)
    for index in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(index, below(index + 1, UInt64(index), epoch))
    }
    return order
  }
}
