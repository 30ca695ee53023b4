/// Philox4x32-10, a counter-based generator: four 32-bit words as a pure function of a 128-bit
/// counter and a 64-bit key.
///
/// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC11). There is no state to
/// save, and a number does not depend on who asks for it, or when.
public struct Philox: Sendable, Equatable {
  public var key: (UInt32, UInt32)

  public init(key: (UInt32, UInt32)) { self.key = key }

  public static func == (a: Philox, b: Philox) -> Bool { a.key == b.key }

  /// The four words at `counter`.
  public func words(
    _ counter: (UInt32, UInt32, UInt32, UInt32)
  ) -> (UInt32, UInt32, UInt32, UInt32) {
    var (c0, c1, c2, c3) = counter
    var (k0, k1) = key
    for round in 0..<10 {
      if round > 0 {
        k0 &+= 0x9E37_79B9
        k1 &+= 0xBB67_AE85
      }
      let first = (0xD251_1F53 as UInt32).multipliedFullWidth(by: c0)
      let second = (0xCD9E_8D57 as UInt32).multipliedFullWidth(by: c2)
      (c0, c1, c2, c3) = (second.high ^ c1 ^ k0, second.low, first.high ^ c3 ^ k1, first.low)
    }
    return (c0, c1, c2, c3)
  }
}
