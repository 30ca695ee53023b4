/// Reads one scalar as the type that is wanted: the text decides nothing by itself.
struct SettingsScalarDecoding: SingleValueDecodingContainer {
  let decoder: SettingsDecoder
  var codingPath: [any CodingKey] { decoder.codingPath }

  private var plain: String? {
    if case .scalar(let text, isPlain: true)? = decoder.value?.content { text } else { nil }
  }

  func decodeNil() -> Bool { decoder.value?.isNull ?? true }

  func decode(_ type: Bool.Type) throws -> Bool {
    switch plain {
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    default: throw decoder.wrong("true or false")
    }
  }

  func decode(_ type: String.Type) throws -> String {
    guard let value = decoder.value, case .scalar(let text, _) = value.content, !value.isNull else {
      throw decoder.wrong("text")
    }
    return text
  }

  func decode(_ type: Double.Type) throws -> Double {
    guard let plain, isNumber(plain), let value = Double(plain), value.isFinite else {
      throw decoder.wrong("a number such as 0.1 or 5e-6")
    }
    return value
  }

  func decode(_ type: Float.Type) throws -> Float {
    let value = Float(try decode(Double.self))
    guard value.isFinite else { throw decoder.wrong("a number of at most 3.4e38") }
    return value
  }

  private func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
    let wanted = "a whole number"
    guard let plain, isNumber(plain) else { throw decoder.wrong(wanted) }
    if let value = Value(plain) { return value }
    // 1e4 is a whole number, too; 1.5 is not, and 1e30 is too large to be one.
    guard plain.utf8.contains(where: { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }),
      let number = Double(plain), let value = Value(exactly: number),
      number.magnitude <= 9_007_199_254_740_992
    else {
      let isWhole = plain.utf8.allSatisfy { $0 != UInt8(ascii: ".") }
      throw decoder.wrong(isWhole ? "\(wanted) from \(Value.min) to \(Value.max)" : wanted)
    }
    return value
  }

  func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoder.decode(type) }

  /// Digits with at most a sign, a point and an exponent: no `1_000`, `0x10`, `1:30` or `nan`.
  private func isNumber(_ text: String) -> Bool {
    var rest = text.utf8[...]
    func digits() -> Int {
      let count = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
      rest = rest.dropFirst(count)
      return count
    }
    func take(_ characters: String) -> Bool {
      guard let first = rest.first, characters.utf8.contains(first) else { return false }
      rest = rest.dropFirst()
      return true
    }
    _ = take("+-")
    var count = digits()
    if take(".") { count += digits() }
    guard count > 0 else { return false }
    if take("eE") {
      _ = take("+-")
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }
}
