/// A GGUF file's metadata and the place of each tensor, wholly checked.
struct GGUFHeader: Sendable {
  struct Entry: Sendable {
    var name: String
    /// Outermost dimension first: GGUF writes them the other way round.
    var shape: [Int]
    var encoding: GGUFEncoding
    /// Where its bytes stand in the file.
    var bytes: Range<Int>
  }

  private(set) var metadata: [String: GGUFValue] = [:]
  /// The metadata's keys in the file's order.
  private(set) var keys: [String] = []
  private(set) var entries: [Entry] = []

  static let tensorLimit: UInt64 = 100_000
  static let keyLimit: UInt64 = 100_000

  init(_ file: MappedFile) throws(GGUFFault) {
    var cursor = GGUFCursor(file)
    guard file.count >= 4, file.copy(0..<4) == Array("GGUF".utf8) else { throw .notGGUF }
    _ = try cursor.integer(UInt32.self)
    let version = try cursor.integer(UInt32.self)
    guard version == 2 || version == 3 else { throw .unsupportedVersion(version) }
    let tensorCount = try cursor.integer(UInt64.self)
    guard tensorCount <= GGUFHeader.tensorLimit else {
      throw .outOfBounds(
        what: "the number of tensors", found: tensorCount, limit: GGUFHeader.tensorLimit)
    }
    let keyCount = try cursor.integer(UInt64.self)
    guard keyCount <= GGUFHeader.keyLimit else {
      throw .outOfBounds(
        what: "the number of metadata keys", found: keyCount, limit: GGUFHeader.keyLimit)
    }
    for _ in 0..<keyCount {
      let key = try cursor.text("a metadata key", limit: UInt64(GGUFCursor.nameLimit))
      let value = try cursor.value(key)
      guard metadata.updateValue(value, forKey: key) == nil else {
        throw .duplicate(what: "metadata key", name: key)
      }
      keys.append(key)
    }
    try readTensors(&cursor, count: tensorCount, alignment: try alignment())
  }

  private func alignment() throws(GGUFFault) -> Int {
    guard let value = metadata["general.alignment"] else { return 32 }
    guard let alignment = value.integer, alignment >= 8, alignment <= 65536,
      alignment & (alignment - 1) == 0
    else { throw .invalidAlignment(UInt64(clamping: value.integer ?? 0)) }
    return alignment
  }

  private mutating func readTensors(
    _ cursor: inout GGUFCursor, count: UInt64, alignment: Int
  ) throws(GGUFFault) {
    var names: Set<String> = []
    var offset = 0
    for _ in 0..<count {
      let name = try cursor.text("a tensor's name", limit: UInt64(GGUFCursor.nameLimit))
      guard names.insert(name).inserted else { throw .duplicate(what: "tensor", name: name) }
      let shape = try GGUFHeader.shape(name, &cursor)
      let code = try cursor.integer(UInt32.self)
      guard let encoding = GGUFEncoding(rawValue: code) else {
        guard let type = GGUFEncoding.unsupported[code] else {
          throw .unknownType(what: "the tensor '\(name)'", code: code)
        }
        throw .unsupportedQuantization(tensor: name, type: type)
      }
      let size = try encoding.byteCount(name, shape)
      let start = try cursor.integer(UInt64.self)
      guard start == UInt64(offset) else {
        throw .invalidOffset(tensor: name, found: start, expected: UInt64(offset))
      }
      entries.append(
        Entry(name: name, shape: shape, encoding: encoding, bytes: offset..<offset + size))
      // A file is far smaller than 2⁶², which is checked before anything is added to the offset.
      guard size <= cursor.file.count, offset <= cursor.file.count else {
        throw .truncated(offset: offset, needed: UInt64(size), present: cursor.file.count)
      }
      offset = (offset + size + alignment - 1) / alignment * alignment
    }
    let dataStart = (cursor.position + alignment - 1) / alignment * alignment
    for index in entries.indices {
      let bytes = entries[index].bytes
      guard bytes.upperBound <= cursor.file.count - dataStart else {
        throw .truncated(
          offset: dataStart + bytes.lowerBound, needed: UInt64(bytes.count),
          present: max(0, cursor.file.count - dataStart - bytes.lowerBound))
      }
      entries[index].bytes = dataStart + bytes.lowerBound..<dataStart + bytes.upperBound
    }
  }

  private static func shape(
    _ name: String, _ cursor: inout GGUFCursor
  ) throws(GGUFFault) -> [Int] {
    let rank = try cursor.integer(UInt32.self)
    guard rank >= 1, rank <= 4 else {
      throw .outOfBounds(what: "the rank of '\(name)'", found: UInt64(rank), limit: 4)
    }
    var sizes: [UInt64] = []
    for _ in 0..<rank { sizes.append(try cursor.integer(UInt64.self)) }
    sizes.reverse()
    var elements = 1
    for size in sizes {
      let (product, overflow) = elements.multipliedReportingOverflow(by: Int(clamping: size))
      guard size > 0, !overflow, product < 1 << 56 else {
        throw .invalidShape(
          tensor: name, shape: sizes, reason: size == 0 ? "a size of zero" : "it is too large")
      }
      elements = product
    }
    return sizes.map { Int($0) }
  }
}
