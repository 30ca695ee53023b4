/// A number of bytes as people write it: `4GiB`, `500MB`, `4294967296`.
public struct MemorySize: Codable, Sendable, Equatable {
  public var bytes: Int

  public init(bytes: Int) { self.bytes = bytes }

  /// Whole MiB, or KiB below one, that hold so many bytes.
  public init(holding bytes: Int) {
    let unit = bytes < 1 << 20 ? 1 << 10 : 1 << 20
    self.init(bytes: (bytes + unit - 1) / unit * unit)
  }

  private static let units: [(name: String, bytes: Int)] = [
    ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000),
    ("B", 1), ("", 1),
  ]

  /// Nil for what is no size: it has to be more than nothing, and to have a unit that says which thousand is meant.
  public init?(_ text: String) {
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let name = text.dropFirst(number.count).drop { $0 == " " }.lowercased()
    guard let unit = MemorySize.units.first(where: { $0.name.lowercased() == name }),
      let value = Double(number)
    else { return nil }
    let bytes = (value * Double(unit.bytes)).rounded()
    guard bytes >= 1, bytes < 0x1p60 else { return nil }
    self.init(bytes: Int(bytes))
  }

  static let expectation = "a size such as 4GiB, 500MB or 4294967296"

  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let size = MemorySize(text) else {
      let name = (decoder.codingPath.last?.stringValue ?? "this").reduce(into: "") {
        $0 += $1.isUppercase ? "_\($1.lowercased())" : "\($1)"
      }
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription: "`\(name)` wants \(MemorySize.expectation), found \"\(text)\""))
    }
    self = size
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension MemorySize: CustomStringConvertible {
  /// In the largest unit that gives a whole number, so that reading it gives the same size.
  public var description: String {
    let unit = MemorySize.units.first { bytes % $0.bytes == 0 && $0.name.hasSuffix("iB") }
    return unit.map { "\(bytes / $0.bytes)\($0.name)" } ?? "\(bytes)"
  }
}
