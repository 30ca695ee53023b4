/// A SHA-256 digest: the name of some bytes, a file, a tree of files, or a stage's work.
public struct Digest: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Always 32 bytes.
  public let bytes: [UInt8]

  init(thirtyTwo bytes: [UInt8]) {
    precondition(bytes.count == 32, "a digest has 32 bytes, not \(bytes.count)")
    self.bytes = bytes
  }

  /// Reads 64 hexadecimal digits; nil for anything else.
  public init?(hex: some StringProtocol) {
    let digits = Array(hex.utf8)
    guard digits.count == 64 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    for index in stride(from: 0, to: 64, by: 2) {
      guard let high = Digest.value(ofDigit: digits[index]),
        let low = Digest.value(ofDigit: digits[index + 1])
      else { return nil }
      bytes.append(high << 4 | low)
    }
    self.bytes = bytes
  }

  /// 64 lower-case hexadecimal digits.
  public var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  /// The first digits, enough for a person to tell two apart.
  public var short: String { String(hex.prefix(12)) }

  public var description: String { hex }

  public static func < (left: Digest, right: Digest) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  private static func value(ofDigit digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}

extension Digest {
  /// The digest of a text's UTF-8 bytes.
  public static func of(_ text: String) -> Digest { of(Array(text.utf8)) }

  /// The digest of bytes in memory.
  public static func of(_ bytes: [UInt8]) -> Digest {
    var hasher = SHA256Hasher()
    hasher.update(bytes)
    return hasher.finish()
  }

  /// The digest of a regular file's contents, read in pieces.
  ///
  /// Throws `ArtifactError.missing`, `.notRegular` or `.system`.
  public static func of(file path: String) throws -> Digest {
    try Files.withRegularFile(path) { descriptor in try of(descriptor: descriptor, path: path) }
  }

  static func of(descriptor: Int32, path: String) throws -> Digest {
    var hasher = SHA256Hasher()
    try Files.readPieces(descriptor, path: path) { hasher.update($0) }
    return hasher.finish()
  }

  /// The digest of a tree: of its sorted list of relative path, size and file digest.
  ///
  /// Neither the tree's own name nor times nor permissions are in it, so that a moved or touched
  /// model is the same model.
  public static func of(files: [FileRecord]) -> Digest {
    var hasher = SHA256Hasher()
    let sorted = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    for file in sorted {
      hasher.update(Array("\(file.path)\u{0}\(file.size)\u{0}\(file.digest.hex)\n".utf8))
    }
    return hasher.finish()
  }
}

/// One file of a tree: where, how many bytes, and what.
public struct FileRecord: Sendable, Equatable {
  /// Relative to the tree's root, with `/` between its parts.
  public var path: String
  public var size: Int
  public var digest: Digest

  public init(path: String, size: Int, digest: Digest) {
    self.path = path
    self.size = size
    self.digest = digest
  }
}
