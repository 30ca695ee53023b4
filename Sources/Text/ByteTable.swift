/// Token ids by their bytes, and back: an open-addressing table over one arena.
///
/// A vocabulary has 50,000 to 160,000 short keys and is read at every start, so the keys live in one
/// array instead of one heap object each.
struct ByteTable: Sendable {
  private var arena: [UInt8] = []
  /// By id, where its bytes are in the arena; a length of -1 means that the id has none.
  private var starts: [Int32] = []
  private var lengths: [Int32] = []
  /// Upper half: a part of the hash; lower half: the id; `empty` where nothing is stored.
  private var slots: [UInt64]
  private var mask: Int
  private var stored = 0
  /// The longest key, in bytes: anything longer is absent without being hashed.
  private(set) var longest = 0

  private static let empty = UInt64.max

  init(minimumCapacity: Int) {
    var size = 16
    while size < minimumCapacity * 2 { size *= 2 }
    slots = [UInt64](repeating: Self.empty, count: size)
    mask = size - 1
    starts.reserveCapacity(minimumCapacity)
    lengths.reserveCapacity(minimumCapacity)
    arena.reserveCapacity(minimumCapacity * 7)
  }

  /// One more than the largest id.
  var idCount: Int { lengths.count }

  @inline(__always)
  private static func hash(_ bytes: [UInt8], _ lower: Int, _ upper: Int) -> UInt64 {
    var value: UInt64 = 0x9E37_79B9_7F4A_7C15
    var index = lower
    while index < upper {
      value = (value ^ UInt64(bytes[index])) &* 0xff51_afd7_ed55_8ccd
      value ^= value >> 29
      index += 1
    }
    return value ^ (value >> 32)
  }

  /// The id of `bytes[lower..<upper]`.
  @inline(__always)
  func find(_ bytes: [UInt8], _ lower: Int, _ upper: Int) -> TokenID? {
    let length = upper - lower
    if length > longest { return nil }
    let hash = Self.hash(bytes, lower, upper)
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let entry = slots[slot]
      if entry == Self.empty { return nil }
      if entry >> 32 == hash >> 32 {
        let id = Int(entry & 0xffff_ffff)
        if equals(id, bytes, lower, length) { return TokenID(id) }
      }
      slot = (slot + 1) & mask
    }
  }

  func find(_ bytes: [UInt8]) -> TokenID? { find(bytes, 0, bytes.count) }

  @inline(__always)
  private func equals(_ id: Int, _ bytes: [UInt8], _ lower: Int, _ length: Int) -> Bool {
    if Int(lengths[id]) != length { return false }
    let start = Int(starts[id])
    var index = 0
    while index < length {
      if arena[start + index] != bytes[lower + index] { return false }
      index += 1
    }
    return true
  }

  /// Stores a token, unless its bytes or its id are already taken; says whether it did.
  @discardableResult
  mutating func insert(_ bytes: [UInt8], id: TokenID) -> Bool {
    reserve(id: id)
    if lengths[Int(id)] >= 0 || find(bytes) != nil { return false }
    if (stored + 1) * 2 > slots.count { grow() }
    starts[Int(id)] = Int32(arena.count)
    lengths[Int(id)] = Int32(bytes.count)
    arena.append(contentsOf: bytes)
    longest = max(longest, bytes.count)
    place(id: Int(id), hash: Self.hash(bytes, 0, bytes.count))
    stored += 1
    return true
  }

  /// Makes room for an id that has no bytes of its own here.
  mutating func reserve(id: TokenID) {
    while lengths.count <= Int(id) {
      starts.append(0)
      lengths.append(-1)
    }
  }

  /// The bytes of an id.
  func bytes(of id: TokenID) -> ArraySlice<UInt8>? {
    guard id >= 0, Int(id) < lengths.count, lengths[Int(id)] >= 0 else { return nil }
    let start = Int(starts[Int(id)])
    return arena[start..<start + Int(lengths[Int(id)])]
  }

  private mutating func place(id: Int, hash: UInt64) {
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != Self.empty { slot = (slot + 1) & mask }
    slots[slot] = (hash >> 32) << 32 | UInt64(id)
  }

  private mutating func grow() {
    slots = [UInt64](repeating: Self.empty, count: slots.count * 2)
    mask = slots.count - 1
    for id in lengths.indices where lengths[id] >= 0 {
      let start = Int(starts[id])
      place(id: id, hash: Self.hash(arena, start, start + Int(lengths[id])))
    }
  }
}
