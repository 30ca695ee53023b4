/// A sum over bytes that says whether they are still what they were: whoever wrote them, in whatever pieces and order.
///
/// Σ uᵢkᵢ mod 2⁶⁴ over 16-bit units u with odd keys k by their positions: a changed unit changes the sum, and what is hashed apart is
/// added up. It finds what a crash leaves behind; it is no defence against an adversary.
struct Checksum: Sendable, Equatable {
  private(set) var value: UInt64 = 0

  init() {}
  init(value: UInt64) { self.value = value }

  /// Adds bytes that stand at an even offset; an odd last byte counts as a unit of its own.
  mutating func add(_ bytes: [UInt8], at offset: Int) {
    let first = UInt32(truncatingIfNeeded: offset / 2)
    bytes.withUnsafeBytes { buffer in
      let units = buffer.count / 2
      var sum: UInt64 = 0
      for unit in 0..<units {
        let word = buffer.loadUnaligned(fromByteOffset: unit &* 2, as: UInt16.self)
        let key = (first &+ UInt32(truncatingIfNeeded: unit)) &* 0x9E37_79B1 | 1
        sum &+= UInt64(word) &* UInt64(key)
      }
      if buffer.count % 2 == 1 {
        let key = (first &+ UInt32(truncatingIfNeeded: units)) &* 0x9E37_79B1 | 1
        sum &+= UInt64(buffer[buffer.count - 1]) &* UInt64(key)
      }
      value &+= sum
    }
  }

  static func + (first: Checksum, second: Checksum) -> Checksum {
    Checksum(value: first.value &+ second.value)
  }
}
