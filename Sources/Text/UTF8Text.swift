/// Small facts about UTF-8 bytes.
enum UTF8Text {
  /// How many bytes a scalar with this first byte has; 1 for a byte that begins none.
  @inline(__always)
  static func length(of first: UInt8) -> Int {
    if first < 0xC0 { return 1 }
    if first < 0xE0 { return 2 }
    return first < 0xF0 ? 3 : 4
  }

  /// The scalar that begins at `index` and the index after it, in valid UTF-8.
  static func scalar(_ bytes: [UInt8], at index: Int) -> (scalar: Unicode.Scalar, end: Int) {
    let first = bytes[index]
    let end = min(index + length(of: first), bytes.count)
    if first < 0x80 { return (Unicode.Scalar(first), end) }
    var value = UInt32(first & (first < 0xE0 ? 0x1F : first < 0xF0 ? 0x0F : 0x07))
    for byte in bytes[index + 1..<max(end, index + 1)] { value = value << 6 | UInt32(byte & 0x3F) }
    return (Unicode.Scalar(value) ?? "\u{FFFD}", end)
  }

  /// The scalar that ends at `index`, and where it begins.
  static func scalar(_ bytes: [UInt8], before index: Int) -> (scalar: Unicode.Scalar, start: Int) {
    var start = index - 1
    while start > 0 && bytes[start] & 0xC0 == 0x80 { start -= 1 }
    return (scalar(bytes, at: start).scalar, start)
  }

  /// How many bytes at the end begin a scalar that more bytes could complete: 0 to 3.
  static func incompleteTail(_ bytes: [UInt8]) -> Int {
    for back in 1...3 where back <= bytes.count {
      let byte = bytes[bytes.count - back]
      if byte & 0xC0 == 0x80 { continue }
      if length(of: byte) <= back || byte < 0xC2 || byte > 0xF4 { return 0 }
      if back >= 2 {
        // A second byte that no valid scalar has cannot be completed either.
        let second = bytes[bytes.count - back + 1]
        if byte == 0xE0 && second < 0xA0 || byte == 0xED && second > 0x9F { return 0 }
        if byte == 0xF0 && second < 0x90 || byte == 0xF4 && second > 0x8F { return 0 }
      }
      return back
    }
    return 0
  }
}
