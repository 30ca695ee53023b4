import JSON
import OrderedCollections

/// A safetensors header, wholly checked: what it says can be read without another look.
///
/// The rules are those of the reference reader (`safetensors/src/tensor.rs`), and limits on rank,
/// names and number of tensors, for a header may be hostile.
struct SafetensorsHeader: Sendable {
  struct Entry: Sendable {
    var information: TensorInformation
    /// Where its bytes stand in the file.
    var bytes: Range<Int>
  }

  /// "version ", with which a pointer of Git LFS begins, taken for a header's length.
  private static let gitPointerLength: UInt64 = 0x206E_6F69_7372_6576
  static let headerLimit = 100_000_000
  static let tensorLimit = 1_000_000
  static let nameLimit = 512
  static let rankLimit = 8

  /// The tensors in the order of their bytes.
  private(set) var entries: [Entry] = []
  /// `__metadata__`, in the header's order.
  private(set) var metadata: [(key: String, value: String)] = []

  init(_ file: MappedFile) throws(SafetensorsFault) {
    let length = try SafetensorsHeader.headerLength(file)
    let text = file.copy(8..<8 + length)
    if let first = text.first, first != UInt8(ascii: "{") { throw .invalidHeaderStart(byte: first) }
    guard !text.isEmpty else { throw .invalidHeaderStart(byte: 0) }
    for (key, value) in try SafetensorsHeader.members(text) {
      if key == "__metadata__" {
        metadata = try SafetensorsHeader.metadata(value)
      } else {
        entries.append(try SafetensorsHeader.entry(key, value))
      }
    }
    guard entries.count <= SafetensorsHeader.tensorLimit else {
      throw .invalidHeaderContent(
        key: "header", found: "\(entries.count) tensors",
        expected: "at most \(SafetensorsHeader.tensorLimit)")
    }
    try place(dataStart: 8 + length, fileBytes: file.count)
  }

  private static func headerLength(_ file: MappedFile) throws(SafetensorsFault) -> Int {
    guard file.count >= 8 else { throw .headerTooSmall(fileBytes: file.count) }
    let length = file.withBytes(0..<8) {
      UInt64(littleEndian: $0.unsafeLoadUnaligned(as: UInt64.self))
    }
    if length == gitPointerLength { throw .gitPointer(fileBytes: file.count) }
    guard length <= headerLimit else {
      throw .headerTooLarge(headerBytes: length, limit: headerLimit)
    }
    guard Int(length) <= file.count - 8 else {
      throw .invalidHeaderLength(headerBytes: length, fileBytes: file.count)
    }
    return Int(length)
  }

  private static func members(
    _ text: [UInt8]
  ) throws(SafetensorsFault) -> [(key: String, value: JSON)] {
    let document: JSON
    do throws(JSONError) {
      document = try JSON(parsing: text, limits: JSONLimits(depth: 8))
    } catch {
      if String(validating: text, as: UTF8.self) == nil {
        throw .invalidHeader(offset: error.offset)
      }
      throw .invalidHeaderDeserialization(error)
    }
    guard let members = document.object else { throw .invalidHeaderStart(byte: text[0]) }
    return members.map { ($0.key, $0.value) }
  }

  private static func metadata(
    _ value: JSON
  ) throws(SafetensorsFault) -> [(key: String, value: String)] {
    guard let members = value.object else {
      throw .invalidHeaderContent(
        key: "__metadata__", found: value.kind, expected: "an object of strings")
    }
    var metadata: [(key: String, value: String)] = []
    for (key, value) in members {
      guard let text = value.string else {
        throw .invalidHeaderContent(
          key: "__metadata__.\(key)", found: value.kind, expected: "a string")
      }
      metadata.append((key, text))
    }
    return metadata
  }

  /// One tensor's entry; its bytes are still counted from the start of the data.
  private static func entry(_ name: String, _ value: JSON) throws(SafetensorsFault) -> Entry {
    guard name.utf8.count <= nameLimit else {
      throw .invalidHeaderContent(
        key: "\(name.prefix(64))…", found: "a name of \(name.utf8.count) bytes",
        expected: "at most \(nameLimit)")
    }
    guard let members = value.object else {
      throw .invalidHeaderContent(key: name, found: value.kind, expected: "an object")
    }
    for key in members.keys where !["dtype", "shape", "data_offsets"].contains(key) {
      throw .invalidHeaderContent(
        key: "\(name).\(key)", found: "an unknown key", expected: "dtype, shape and data_offsets")
    }
    let elementType = try elementType(name, value["dtype"])
    let sizes = try integers("\(name).shape", value["shape"], limit: rankLimit)
    let offsets = try integers("\(name).data_offsets", value["data_offsets"], limit: 2)
    guard offsets.count == 2 else {
      throw .invalidHeaderContent(
        key: "\(name).data_offsets", found: "\(offsets.count) numbers",
        expected: "two, the start and the end")
    }
    guard let start = Int(exactly: offsets[0]), let end = Int(exactly: offsets[1]), start <= end
    else {
      throw .invalidOffset(
        tensor: name, start: Int(clamping: offsets[0]), expected: Int(clamping: offsets[1]))
    }
    let shape = try checkedShape(name, sizes, elementType, bytes: end - start)
    let information = TensorInformation(name: name, elementType: elementType, shape: shape)
    return Entry(information: information, bytes: start..<end)
  }

  private static func elementType(
    _ name: String, _ value: JSON?
  ) throws(SafetensorsFault) -> ElementType {
    guard let text = value?.string, let elementType = ElementType(rawValue: text) else {
      throw .invalidHeaderContent(
        key: "\(name).dtype", found: value?.string.map { "'\($0)'" } ?? value?.kind ?? "nothing",
        expected: "one of " + ElementType.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return elementType
  }

  /// Whole numbers of 64 bits without sign; the parser leaves those above 2⁶³ as `Double`, which
  /// are too large for anything here and are kept as the nearest one.
  private static func integers(
    _ key: String, _ value: JSON?, limit: Int
  ) throws(SafetensorsFault) -> [UInt64] {
    guard let elements = value?.array else {
      throw .invalidHeaderContent(
        key: key, found: value?.kind ?? "nothing", expected: "an array of whole numbers")
    }
    guard elements.count <= limit else {
      throw .invalidHeaderContent(
        key: key, found: "\(elements.count) numbers", expected: "at most \(limit)")
    }
    var integers: [UInt64] = []
    for element in elements {
      switch element {
      case .integer(let number) where number >= 0: integers.append(UInt64(number))
      case .number(let number)
      where number >= 0x1p63 && number <= 0x1p64 && number.rounded() == number:
        integers.append(number == 0x1p64 ? .max : UInt64(number))
      default:
        throw .invalidHeaderContent(
          key: key, found: element.serialized(), expected: "a whole number, not negative")
      }
    }
    return integers
  }

  private static func checkedShape(
    _ name: String, _ sizes: [UInt64], _ elementType: ElementType, bytes: Int
  ) throws(SafetensorsFault) -> [Int] {
    var elements = 1
    var shape: [Int] = []
    for size in sizes {
      guard let size = Int(exactly: size) else {
        throw .validationOverflow(tensor: name, shape: sizes)
      }
      let (product, overflow) = elements.multipliedReportingOverflow(by: size)
      guard !overflow else { throw .validationOverflow(tensor: name, shape: sizes) }
      elements = product
      shape.append(size)
    }
    let (bits, overflow) = elements.multipliedReportingOverflow(by: elementType.bits)
    guard !overflow else { throw .validationOverflow(tensor: name, shape: sizes) }
    guard bits % 8 == 0 else { throw .misalignedSlice(tensor: name, bits: bits) }
    guard bits / 8 == bytes else {
      throw .tensorInvalidInfo(tensor: name, found: bytes, expected: bits / 8)
    }
    return shape
  }

  /// Sorts the entries by their bytes and checks that these fill the data without gap or overlap.
  private mutating func place(dataStart: Int, fileBytes: Int) throws(SafetensorsFault) {
    entries.sort {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }
    var expected = 0
    for index in entries.indices {
      let bytes = entries[index].bytes
      guard bytes.lowerBound == expected else {
        throw .invalidOffset(
          tensor: entries[index].information.name, start: bytes.lowerBound, expected: expected)
      }
      expected = bytes.upperBound
    }
    let (size, overflow) = expected.addingReportingOverflow(dataStart)
    guard size == fileBytes, !overflow else {
      throw .metadataIncompleteBuffer(fileBytes: fileBytes, expected: overflow ? .max : size)
    }
    for index in entries.indices {
      let bytes = entries[index].bytes
      entries[index].bytes = dataStart + bytes.lowerBound..<dataStart + bytes.upperBound
    }
  }
}
