/// A row's bytes and where they start; rows and lines count from one.
struct RawRow: Equatable {
  var row: Int
  var line: Int
  var bytes: [UInt8]
}

/// Cuts a file into rows without reading them: the lines of JSONL, or the elements of an array.
///
/// Only one row and one piece of the file are in memory. A file that starts with `[` is an array,
/// unless its name ends in `.jsonl` or `.ndjson` (before `.gz`) and the first line closes what it
/// opens: then each row is a bare list of messages.
struct RowScanner {
  /// The longest row, in bytes.
  static let rowLimit = 16 << 20

  private let source: ByteSource
  private let rowLimit: Int
  private var piece: [UInt8] = []
  private var position = 0
  private var line = 1
  private var row = 0
  private var shape = Shape.unknown

  private enum Shape {
    case unknown
    case lines
    case elements
    case finished
  }

  init(path: String, rowLimit: Int = RowScanner.rowLimit) throws(DatasetError) {
    self.source = try ByteSource(path: path)
    self.rowLimit = rowLimit
  }

  /// The next row; nil behind the last.
  mutating func next() throws(DatasetError) -> RawRow? {
    if case .unknown = shape { try recognise() }
    switch shape {
    case .lines: return try nextLine()
    case .elements: return try nextElement()
    case .unknown, .finished: return nil
    }
  }

  private mutating func recognise() throws(DatasetError) {
    if try peek() == 0xEF { try skipByteOrderMark() }
    guard let first = try skipSpace() else {
      shape = .finished
      return
    }
    if piece[position...].starts(with: "PAR1".utf8) {
      throw .notAFile(path: source.path, kind: "a Parquet file")
    }
    guard first == UInt8(ascii: "[") else {
      shape = .lines
      return
    }
    if isNamedAsLines, firstLineEndsWithBracket {
      shape = .lines
    } else {
      position += 1
      shape = .elements
    }
  }

  private var isNamedAsLines: Bool {
    var name = source.path[...]
    if name.hasSuffix(".gz") { name = name.dropLast(3) }
    return name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson")
  }

  /// Whether the line at hand closes an array; a line longer than the piece is taken to.
  private var firstLineEndsWithBracket: Bool {
    let rest = piece[position...]
    let line = rest.prefix { $0 != UInt8(ascii: "\n") }
    if line.endIndex == piece.endIndex, piece.count >= 1 << 18 { return true }
    return line.last { !Self.isSpace($0) } == UInt8(ascii: "]")
  }

  private mutating func skipByteOrderMark() throws(DatasetError) {
    if piece.count >= 3, piece[1] == 0xBB, piece[2] == 0xBF { position = 3 }
  }

  // MARK: Lines

  private mutating func nextLine() throws(DatasetError) -> RawRow? {
    guard try skipSpace() != nil else {
      shape = .finished
      return nil
    }
    row += 1
    let start = line
    var bytes: [UInt8] = []
    while try peek() != nil {
      let rest = piece[position...]
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? piece.endIndex
      try keep(piece[position..<end], in: &bytes, startedAt: start)
      position = end
      if end < piece.endIndex { break }
    }
    return RawRow(row: row, line: start, bytes: bytes)
  }

  // MARK: Elements

  private mutating func nextElement() throws(DatasetError) -> RawRow? {
    guard var byte = try skipSpace() else { throw unclosed }
    if byte == UInt8(ascii: "]"), row == 0 { return try end() }
    if row > 0 {
      if byte == UInt8(ascii: "]") { return try end() }
      guard byte == UInt8(ascii: ",") else { throw badSeparator }
      position += 1
      guard let next = try skipSpace() else { throw unclosed }
      byte = next
    }
    guard byte != UInt8(ascii: ","), byte != UInt8(ascii: "]") else { throw badSeparator }
    row += 1
    return try element()
  }

  /// Takes bytes until a comma or bracket that belongs to the outer array.
  private mutating func element() throws(DatasetError) -> RawRow {
    let start = line
    var bytes: [UInt8] = []
    var nesting = Nesting()
    while try peek() != nil {
      var end = position
      while end < piece.endIndex, nesting.isInside(after: piece[end]) {
        if piece[end] == UInt8(ascii: "\n") { line += 1 }
        end += 1
      }
      try keep(piece[position..<end], in: &bytes, startedAt: start)
      position = end
      if end < piece.endIndex { return RawRow(row: row, line: start, bytes: bytes) }
    }
    throw unclosed
  }

  private mutating func end() throws(DatasetError) -> RawRow? {
    position += 1
    guard try skipSpace() == nil else { throw badSeparator }
    shape = .finished
    return nil
  }

  private var unclosed: DatasetError {
    .unclosedArray(path: source.path, row: row, line: line)
  }

  private var badSeparator: DatasetError {
    .badSeparator(path: source.path, afterRow: row, line: line)
  }

  // MARK: Bytes

  private mutating func keep(
    _ slice: ArraySlice<UInt8>, in bytes: inout [UInt8], startedAt start: Int
  ) throws(DatasetError) {
    guard bytes.count + slice.count <= rowLimit else {
      throw .overlongRow(path: source.path, row: row, line: start, limit: rowLimit)
    }
    bytes += slice
  }

  private mutating func peek() throws(DatasetError) -> UInt8? {
    if position == piece.endIndex {
      piece = try source.read(afterRow: row)
      position = 0
    }
    return piece.isEmpty ? nil : piece[position]
  }

  private mutating func skipSpace() throws(DatasetError) -> UInt8? {
    while let byte = try peek() {
      guard Self.isSpace(byte) else { return byte }
      if byte == UInt8(ascii: "\n") { line += 1 }
      position += 1
    }
    return nil
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }
}

/// Where a scan stands in an element: how deep, and whether in a string.
private struct Nesting {
  private var depth = 0
  private var isInString = false
  private var isEscaped = false

  /// Takes a byte; false, and nothing changed, if it is behind the element.
  mutating func isInside(after byte: UInt8) -> Bool {
    if isInString {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
      }
      return true
    }
    switch byte {
    case UInt8(ascii: "\""): isInString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      guard depth > 0 else { return false }
      depth -= 1
    case UInt8(ascii: ","): return depth > 0
    default: break
    }
    return true
  }
}
