import FoundationEssentials
import Glibc
import JSON
import OrderedCollections

/// Reads the small files beside a checkpoint.
enum TokenizerFile {
  static let byteLimit = 64 << 20

  /// The bytes of a regular file of at most 64 MiB, or nil where there is none.
  static func read(_ path: String) throws -> [UInt8]? {
    let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    if file < 0 {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw TokenizerError.unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { _ = close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      throw TokenizerError.unreadable(path: path, reason: "it is not a regular file")
    }
    let size = Int(facts.st_size)
    guard size <= byteLimit else {
      throw TokenizerError.unreadable(
        path: path, reason: "it has \(size) bytes; at most \(byteLimit) are read")
    }
    var bytes = [UInt8](repeating: 0, count: size)
    var filled = 0
    while filled < size {
      let count = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(file, buffer.baseAddress.map { $0 + filled }, size - filled)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        throw TokenizerError.unreadable(
          path: path, reason: count < 0 ? String(cString: strerror(errno)) : "it became shorter")
      }
      filled += count
    }
    return bytes
  }

  /// A JSON file, or nil where there is none.
  static func readJSON(_ path: String) throws -> JSON? {
    guard let bytes = try read(path) else { return nil }
    do {
      return try JSON(parsing: bytes)
    } catch {
      throw TokenizerError.unreadable(path: path, reason: "\(error)")
    }
  }

  /// The *.tiktoken file of a directory or its `vocab`, the first by name.
  static func tiktoken(in directory: String) -> String? {
    for folder in [directory, directory + "/vocab"] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      if let name = names.filter({ $0.hasSuffix(".tiktoken") }).sorted().first {
        return folder + "/" + name
      }
    }
    return nil
  }
}

extension Tokenizer {
  /// Reads tokenizer.json, or else a *.tiktoken file (here or in vocab/), with tokenizer_config.json and
  /// special_tokens_map.json where they exist.
  public init(directory path: String) throws {
    var configuration = try TokenizerFile.readJSON(path + "/tokenizer_config.json")
    if let map = try TokenizerFile.readJSON(path + "/special_tokens_map.json")?.object {
      var merged = configuration?.object ?? [:]
      for (key, value) in map where merged[key] == nil { merged[key] = value }
      configuration = .object(merged)
    }
    if let json = try TokenizerFile.readJSON(path + "/tokenizer.json") {
      try self.init(json: json, configuration: configuration)
    } else if let file = TokenizerFile.tiktoken(in: path),
      let bytes = try TokenizerFile.read(file)
    {
      let family = try TiktokenFamily(file: file, configuration: configuration)
      try self.init(tiktoken: bytes, family: family, configuration: configuration)
    } else {
      throw TokenizerError.noTokenizer(directory: path)
    }
  }
}
