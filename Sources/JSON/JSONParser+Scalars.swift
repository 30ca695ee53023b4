extension JSONParser {
  mutating func number() throws(JSONError) -> JSON {
    let start = position
    var isInteger = true
    if current == UInt8(ascii: "-") { position += 1 }
    let firstDigit = position
    try digits("a digit")
    if bytes[firstDigit] == UInt8(ascii: "0"), position - firstDigit > 1 {
      throw failure("a number does not start with 0", at: firstDigit)
    }
    if current == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try digits("a digit after the point")
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isInteger = false
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try digits("a digit of the exponent")
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      throw failure("the number \(text) is out of range", at: start)
    }
    return .number(value)
  }

  private mutating func digits(_ what: String) throws(JSONError) {
    let start = position
    while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
    if position == start {
      throw failure("expected \(what), found \(describeCurrent())", at: position)
    }
  }

  mutating func string() throws(JSONError) -> String {
    let start = position
    position += 1
    let content = position
    while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      position += 1
    }
    if current == UInt8(ascii: "\"") {
      defer { position += 1 }
      return try text(bytes[content..<position], at: content)
    }
    var unescaped = Array(bytes[content..<position])
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return try text(unescaped[...], at: content)
      case UInt8(ascii: "\\"): try escape(into: &unescaped)
      case ..<0x20: throw failure("a control character stands unescaped in a string", at: position)
      default:
        unescaped.append(byte)
        position += 1
      }
    }
    throw failure("the string that starts here has no end", at: start)
  }

  private func text(
    _ content: ArraySlice<UInt8>, at offset: Int
  ) throws(JSONError) -> String {
    guard let valid = String(validating: content, as: UTF8.self) else {
      throw failure("the string is not valid UTF-8", at: offset)
    }
    return valid
  }

  private mutating func escape(into string: inout [UInt8]) throws(JSONError) {
    let start = position
    position += 1
    guard let letter = current else { throw failure("an escape has no end", at: start) }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): string.append(letter)
    case UInt8(ascii: "b"): string.append(0x08)
    case UInt8(ascii: "f"): string.append(0x0C)
    case UInt8(ascii: "n"): string.append(0x0A)
    case UInt8(ascii: "r"): string.append(0x0D)
    case UInt8(ascii: "t"): string.append(0x09)
    case UInt8(ascii: "u"): string.append(contentsOf: try unicodeEscape(from: start))
    default: throw failure("'\\\(Character(UnicodeScalar(letter)))' is no JSON escape", at: start)
    }
  }

  private mutating func unicodeEscape(from start: Int) throws(JSONError) -> [UInt8] {
    var scalar = try hexadecimal()
    if scalar >= 0xD800, scalar < 0xDC00, position + 1 < bytes.count,
      bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
    {
      position += 2
      let low = try hexadecimal()
      guard low >= 0xDC00, low < 0xE000 else { throw failure("a lone surrogate", at: start) }
      scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let valid = UnicodeScalar(scalar) else { throw failure("a lone surrogate", at: start) }
    return Array(String(Character(valid)).utf8)
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    guard position + 4 <= bytes.count,
      let value = UInt32(
        String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16),
      bytes[position] != UInt8(ascii: "+"), bytes[position] != UInt8(ascii: "-")
    else { throw failure("\\u needs four hexadecimal digits", at: position) }
    position += 4
    return value
  }
}
