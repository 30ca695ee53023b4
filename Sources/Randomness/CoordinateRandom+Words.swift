extension CoordinateRandom {
  /// 32 random bits for each of many positions in a row, eight at a time: words below 2³².
  ///
  /// Vector v holds the positions 8v to 8v + 7; `words[i]` becomes that of vector `first + i`. Position p draws word (p / 8) mod 4
  /// of the four that the generator has at the coordinates (8 ⌊p / 32⌋ + p mod 8, b): nothing of a call is wasted, and a position's
  /// word is the same in whatever stretches it is asked for.
  public func fill(_ words: inout [SIMD8<UInt64>], first: Int, b: UInt64 = 0) {
    var index = 0
    while index < words.count {
      let (group, start) = (first + index).quotientAndRemainder(dividingBy: 4)
      let four = generator.words(group: UInt64(group), b: b)
      for place in start..<min(4, start + words.count - index) {
        words[index] =
          switch place {
          case 0: four.0
          case 1: four.1
          case 2: four.2
          default: four.3
          }
        index += 1
      }
    }
  }
}

extension Philox {
  fileprivate typealias Lanes = SIMD8<UInt64>

  /// The four words at eight counters: (8 group … 8 group + 7, b).
  ///
  /// Lanes are of 64 bits, for that is what a product takes.
  fileprivate func words(group: UInt64, b: UInt64) -> (Lanes, Lanes, Lanes, Lanes) {
    let low = Lanes(repeating: 0xFFFF_FFFF)
    let first = group &* 8
    var c0 = (Lanes(repeating: first) &+ Lanes(0, 1, 2, 3, 4, 5, 6, 7)) & low
    // Eight counters in a row differ in their last three bits only.
    var c1 = Lanes(repeating: first >> 32)
    var c2 = Lanes(repeating: b & 0xFFFF_FFFF)
    var c3 = Lanes(repeating: b >> 32)
    var (k0, k1) = key
    for round in 0..<10 {
      if round > 0 {
        k0 &+= 0x9E37_79B9
        k1 &+= 0xBB67_AE85
      }
      let product = (c0 & low) &* Lanes(repeating: 0xD251_1F53)
      let other = (c2 & low) &* Lanes(repeating: 0xCD9E_8D57)
      c0 = (other &>> 32) ^ c1 ^ Lanes(repeating: UInt64(k0))
      c2 = (product &>> 32) ^ c3 ^ Lanes(repeating: UInt64(k1))
      c1 = other & low
      c3 = product & low
    }
    return (c0, c1, c2, c3)
  }
}
