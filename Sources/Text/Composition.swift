@_spi(_Unicode) import Swift

/// Unicode normalisation form C.
enum Composition {
  static func composed(_ bytes: [UInt8]) -> [UInt8] {
    if isSurelyComposed(bytes) { return bytes }
    var result = String.UnicodeScalarView()
    for scalar in String(decoding: bytes, as: UTF8.self)._nfc { result.append(scalar) }
    return Array(String(result).utf8)
  }

  /// Whether every scalar lies in a block without decompositions or combining marks: nearly all English
  /// and Chinese text, for which the full algorithm would cost more than the rest of the tokenizer.
  private static func isSurelyComposed(_ bytes: [UInt8]) -> Bool {
    var index = 0
    while index < bytes.count {
      if bytes[index] < 0xCC {
        index += 1
        continue
      }
      let (scalar, end) = UTF8Text.scalar(bytes, at: index)
      switch scalar.value {
      case 0xC0..<0x300, 0x2010...0x2027, 0x2030...0x205E, 0x3000...0x3029, 0x3041...0x3096,
        0x30A1...0x30FA, 0x3400...0x9FFF, 0xFF00...0xFFEF, 0x1F300...0x1FAFF:
        index = end
      default: return false
      }
    }
    return true
  }
}
