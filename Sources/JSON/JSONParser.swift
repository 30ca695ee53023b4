import OrderedCollections

extension JSON {
  /// Reads exactly one JSON text (RFC 8259), strictly: UTF-8 without repair, no duplicate keys, no
  /// lone surrogates, nothing after the value.
  ///
  /// - Throws: `JSONError` with the place.
  public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
    var parser = JSONParser(bytes: bytes, maximumDepth: limits.depth)
    guard bytes.count <= limits.bytes else {
      throw parser.failure("the text has \(bytes.count) bytes, more than \(limits.bytes)", at: 0)
    }
    self = try parser.document()
  }

  public init(
    parsing bytes: some Collection<UInt8>, limits: JSONLimits = JSONLimits()
  ) throws(JSONError) {
    try self.init(parsing: Array(bytes), limits: limits)
  }

  public init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
    try self.init(parsing: Array(text.utf8), limits: limits)
  }
}

/// A recursive-descent reader over bytes; the depth of its recursion is bounded by the limit.
struct JSONParser {
  let bytes: [UInt8]
  let maximumDepth: Int
  var position = 0
  var depth = 0

  init(bytes: [UInt8], maximumDepth: Int) {
    self.bytes = bytes
    self.maximumDepth = maximumDepth
  }

  func failure(_ message: String, at offset: Int) -> JSONError {
    JSONError(message, at: offset, in: bytes)
  }

  /// The byte at the reading position; nil at the end.
  var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func document() throws(JSONError) -> JSON {
    skipSpace()
    let value = try value()
    skipSpace()
    guard position == bytes.count else {
      throw failure("found \(describeCurrent()) after the end of the value", at: position)
    }
    return value
  }

  mutating func value() throws(JSONError) -> JSON {
    guard let current else {
      throw failure("expected a value, found the end of the text", at: position)
    }
    switch current {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw failure("expected a value, found \(describeCurrent())", at: position)
    }
  }

  private mutating func object() throws(JSONError) -> JSON {
    try enter()
    var members = OrderedDictionary<String, JSON>()
    skipSpace()
    if current == UInt8(ascii: "}") {
      leave()
      return .object(members)
    }
    while true {
      let start = position
      guard current == UInt8(ascii: "\"") else {
        throw failure("expected a key in quotes, found \(describeCurrent())", at: position)
      }
      let key = try string()
      skipSpace()
      try expect(UInt8(ascii: ":"), "':' after the key \"\(key)\"")
      skipSpace()
      let value = try value()
      guard members.updateValue(value, forKey: key) == nil else {
        throw failure("the key \"\(key)\" stands here for the second time", at: start)
      }
      skipSpace()
      if current == UInt8(ascii: "}") { break }
      try expect(UInt8(ascii: ","), "',' or '}'")
      skipSpace()
    }
    leave()
    return .object(members)
  }

  private mutating func array() throws(JSONError) -> JSON {
    try enter()
    var elements: [JSON] = []
    skipSpace()
    if current == UInt8(ascii: "]") {
      leave()
      return .array(elements)
    }
    while true {
      elements.append(try value())
      skipSpace()
      if current == UInt8(ascii: "]") { break }
      try expect(UInt8(ascii: ","), "',' or ']'")
      skipSpace()
    }
    leave()
    return .array(elements)
  }

  private mutating func word(_ word: String, _ value: JSON) throws(JSONError) -> JSON {
    let length = word.utf8.count
    let found = bytes[position..<min(position + length, bytes.count)]
    guard found.elementsEqual(word.utf8) else {
      throw failure("expected a value, found \(describeCurrent())", at: position)
    }
    position += length
    return value
  }

  private mutating func enter() throws(JSONError) {
    guard depth < maximumDepth else {
      throw failure("nested deeper than \(maximumDepth) levels", at: position)
    }
    depth += 1
    position += 1
  }

  private mutating func leave() {
    depth -= 1
    position += 1
  }

  private mutating func expect(_ byte: UInt8, _ what: String) throws(JSONError) {
    guard current == byte else {
      throw failure("expected \(what), found \(describeCurrent())", at: position)
    }
    position += 1
  }

  mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  func describeCurrent() -> String {
    guard let byte = current else { return "the end of the text" }
    return byte > 0x20 && byte < 0x7F
      ? "'\(Character(UnicodeScalar(byte)))'" : "byte 0x" + String(byte, radix: 16, uppercase: true)
  }
}
