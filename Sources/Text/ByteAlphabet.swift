/// GPT-2's alphabet: every byte as one visible character, so that a vocabulary can be written as text.
///
/// Printable bytes of Latin-1 stand for themselves; the other 68 become U+0100, U+0101, … in order.
enum ByteAlphabet {
  /// Scalar by byte.
  static let scalars: [UInt32] = {
    var next: UInt32 = 0x100
    return (0..<256).map { (byte: UInt32) in
      let isPrintable =
        (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
      if isPrintable { return byte }
      defer { next += 1 }
      return next
    }
  }()

  /// Byte by scalar; -1 where a scalar stands for none.
  private static let bytes: [Int16] = {
    var result = [Int16](repeating: -1, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { result[Int(scalar)] = Int16(byte) }
    return result
  }()

  /// Appends the bytes that a token's text (UTF-8) stands for; false if a character is not in the
  /// alphabet.
  static func append(_ text: some Sequence<UInt8>, to result: inout [UInt8]) -> Bool {
    let table = bytes
    var lead: Int?
    for unit in text {
      let scalar: Int
      if let first = lead {
        scalar = first << 6 | Int(unit & 0x3F)
        lead = nil
      } else if unit < 0x80 {
        scalar = Int(unit)
      } else if unit < 0xE0 {
        lead = Int(unit & 0x1F)
        continue
      } else {
        return false
      }
      guard scalar < 0x144, table[scalar] >= 0 else { return false }
      result.append(UInt8(truncatingIfNeeded: table[scalar]))
    }
    return true
  }

  /// The text that stands for bytes.
  static func text(_ bytes: some Sequence<UInt8>) -> String {
    var result = String.UnicodeScalarView()
    for byte in bytes {
      if let scalar = Unicode.Scalar(scalars[Int(byte)]) { result.append(scalar) }
    }
    return String(result)
  }
}
