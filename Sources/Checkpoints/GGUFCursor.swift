/// A value of GGUF's metadata.
public enum GGUFValue: Sendable, Equatable {
  case integer(Int)
  case number(Double)
  case bool(Bool)
  case string(String)
  case array([GGUFValue])

  public var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var array: [GGUFValue]? { if case .array(let value) = self { value } else { nil } }
  public var number: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }

  /// What kind of value this is, for messages.
  var kind: String {
    switch self {
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .string(let value): "'\(value.prefix(64))'"
    case .array(let values): "an array of \(values.count)"
    }
  }
}

/// Reads little-endian values one after another; every length is checked before it is used.
struct GGUFCursor {
  let file: MappedFile
  private(set) var position = 0

  static let stringLimit: UInt64 = 16 << 20
  static let nameLimit = 512
  static let arrayLimit: UInt64 = 8 << 20
  static let arrayDepth = 2

  init(_ file: MappedFile) { self.file = file }

  mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(
    _: T.Type
  ) throws(GGUFFault) -> T {
    let size = MemoryLayout<T>.size
    try need(UInt64(size))
    defer { position += size }
    return file.withBytes(position..<position + size) {
      T(littleEndian: $0.unsafeLoadUnaligned(as: T.self))
    }
  }

  mutating func text(_ what: @autoclosure () -> String, limit: UInt64) throws(GGUFFault) -> String {
    let start = position
    let length = try integer(UInt64.self)
    guard length <= limit else {
      throw .outOfBounds(what: "the length of \(what())", found: length, limit: limit)
    }
    try need(length)
    defer { position += Int(length) }
    let text = file.withBytes(position..<position + Int(length)) { span in
      span.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
    }
    guard let text else { throw .invalidText(what: what(), offset: start) }
    return text
  }

  mutating func value(_ key: String) throws(GGUFFault) -> GGUFValue {
    try value(key, type: try integer(UInt32.self), depth: 0)
  }

  private mutating func value(
    _ key: String, type: UInt32, depth: Int
  ) throws(GGUFFault) -> GGUFValue {
    switch type {
    case 0: .integer(Int(try integer(UInt8.self)))
    case 1: .integer(Int(try integer(Int8.self)))
    case 2: .integer(Int(try integer(UInt16.self)))
    case 3: .integer(Int(try integer(Int16.self)))
    case 4: .integer(Int(try integer(UInt32.self)))
    case 5: .integer(Int(try integer(Int32.self)))
    case 6: .number(GGUFCursor.widened(Float(bitPattern: try integer(UInt32.self))))
    case 7: .bool(try boolean(key))
    case 8: .string(try text("'\(key)'", limit: GGUFCursor.stringLimit))
    case 9: try array(key, depth: depth)
    case 10: try unsigned(key)
    case 11: .integer(Int(try integer(Int64.self)))
    case 12: .number(Double(bitPattern: try integer(UInt64.self)))
    default: throw .unknownType(what: "the metadata's '\(key)'", code: type)
    }
  }

  private mutating func boolean(_ key: String) throws(GGUFFault) -> Bool {
    let byte = try integer(UInt8.self)
    guard byte <= 1 else { throw .wrongValue(key: key, found: "\(byte)", expected: "0 or 1") }
    return byte == 1
  }

  private mutating func unsigned(_ key: String) throws(GGUFFault) -> GGUFValue {
    let value = try integer(UInt64.self)
    guard let value = Int(exactly: value) else {
      throw .outOfBounds(what: "'\(key)'", found: value, limit: UInt64(Int.max))
    }
    return .integer(value)
  }

  private mutating func array(_ key: String, depth: Int) throws(GGUFFault) -> GGUFValue {
    guard depth < GGUFCursor.arrayDepth else {
      throw .outOfBounds(
        what: "the depth of '\(key)'", found: UInt64(depth) + 1,
        limit: UInt64(GGUFCursor.arrayDepth))
    }
    let type = try integer(UInt32.self)
    let count = try integer(UInt64.self)
    guard count <= GGUFCursor.arrayLimit else {
      throw .outOfBounds(what: "the count of '\(key)'", found: count, limit: GGUFCursor.arrayLimit)
    }
    // The smallest element of each type, so that room is never made for more than the file holds.
    let size: UInt64 =
      switch type {
      case 2, 3: 2
      case 4, 5, 6: 4
      case 8, 10, 11, 12: 8
      case 9: 12
      default: 1
      }
    try need(count * size)
    var values: [GGUFValue] = []
    values.reserveCapacity(Int(count))
    for _ in 0..<count { values.append(try value(key, type: type, depth: depth + 1)) }
    return .array(values)
  }

  func need(_ bytes: UInt64) throws(GGUFFault) {
    guard bytes <= UInt64(file.count - position) else {
      throw .truncated(offset: position, needed: bytes, present: file.count - position)
    }
  }

  /// The double that is written as the float is: 1e-5, not 9.999999747378752e-06.
  static func widened(_ value: Float) -> Double { Double("\(value)") ?? Double(value) }
}
