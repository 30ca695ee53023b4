/// What two neighbouring tokens merge into, and how early: an open-addressing table of merge rules.
struct PairTable: Sendable {
  private var keys: [UInt64]
  private var values: [UInt64]
  private let mask: Int

  static let none = UInt64.max

  /// - Parameter capacity: how many rules will be stored, at most.
  init(capacity: Int) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    keys = [UInt64](repeating: Self.none, count: size)
    values = [UInt64](repeating: Self.none, count: size)
    mask = size - 1
  }

  @inline(__always)
  private static func key(_ left: TokenID, _ right: TokenID) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  @inline(__always)
  private func slot(_ key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
  }

  /// Rank in the upper half and merged id in the lower half, or `none`.
  @inline(__always)
  func find(_ left: TokenID, _ right: TokenID) -> UInt64 {
    let key = Self.key(left, right)
    var index = slot(key)
    while true {
      let found = keys[index]
      if found == key { return values[index] }
      if found == Self.none { return Self.none }
      index = (index + 1) & mask
    }
  }

  /// A later rule for the same pair replaces the earlier one, as it does in `tokenizers`.
  mutating func insert(_ left: TokenID, _ right: TokenID, rank: Int, merged: TokenID) {
    let key = Self.key(left, right)
    var index = slot(key)
    while keys[index] != Self.none && keys[index] != key { index = (index + 1) & mask }
    keys[index] = key
    values[index] = UInt64(rank) << 32 | UInt64(UInt32(bitPattern: merged))
  }
}
