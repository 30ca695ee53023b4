/// Where a JSON text goes wrong, and how.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The line and column of the offending byte, both from one; columns count characters.
  public let line: Int
  public let column: Int
  /// The offending byte's position, from zero.
  public let offset: Int
  public let message: String

  public var description: String { "line \(line), column \(column): \(message)" }

  init(_ message: String, at offset: Int, in bytes: [UInt8]) {
    var line = 1
    var column = 1
    for byte in bytes[..<min(offset, bytes.count)] {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    self.line = line
    self.column = column
    self.offset = offset
    self.message = message
  }
}

/// How much of a JSON text is taken before it is refused.
public struct JSONLimits: Sendable {
  /// How deep arrays and objects may nest.
  public var depth: Int
  /// The longest text, in bytes.
  public var bytes: Int

  public init(depth: Int = 64, bytes: Int = 1 << 30) {
    self.depth = depth
    self.bytes = bytes
  }
}
