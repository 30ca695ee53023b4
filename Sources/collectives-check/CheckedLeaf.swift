/// Numbers of very different sizes, so that another order of additions gives other bits.
enum CheckedLeaf {
  static func elements(leaf: Int, length: Int) -> [Float] {
    (0..<length).map { index in
      var bits = UInt64(leaf &+ 1) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(index)
      bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
      bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
      bits ^= bits >> 31
      let magnitude = Float(sign: .plus, exponent: Int(bits & 15) - 8, significand: 1)
      return (Float(bits >> 40) / Float(1 << 24) - 0.5) * magnitude
    }
  }

  /// FNV-1a of the bits.
  static func digest(_ values: [Float]) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for value in values { hash = (hash ^ UInt64(value.bitPattern)) &* 0x0000_0100_0000_01B3 }
    return String(hash, radix: 16)
  }
}
