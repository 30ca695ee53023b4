internal import JSON

/// A workspace on disk: contents by digest, records by fingerprint, work under way, and plain
/// files of each stage's last result.
///
/// An artifact is published whole or not at all. A reader believes records only, and a record is
/// written when all it names is on the disk.
public struct ArtifactStore: Sendable {
  public let workspace: String

  public init(workspace: String) {
    var path = workspace
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    self.workspace = path
  }

  public var objects: String { "\(workspace)/objects" }
  public var runs: String { "\(workspace)/runs" }
  public var cachePath: String { "\(workspace)/digests" }

  /// The path of some contents, whether they are there or not.
  public func object(_ digest: Digest) -> String {
    "\(objects)/\(digest.hex.prefix(2))/\(digest.hex)"
  }

  /// The directory in which a stage works until it is published.
  public func work(_ fingerprint: Digest) -> String { "\(workspace)/work/\(fingerprint.hex)" }

  public func recordPath(_ fingerprint: Digest) -> String { "\(runs)/\(fingerprint.hex).json" }

  public func latest(recipe: String, stage: String) -> String {
    "\(workspace)/latest/\(recipe)/\(stage)"
  }

  public func logs(recipe: String, started: String) -> String {
    "\(workspace)/logs/\(recipe)/\(started)"
  }

  /// Makes the workspace's directories.
  public func prepare() throws {
    for name in ["objects", "runs", "work", "latest", "logs", "index"] {
      try Files.makeDirectory("\(workspace)/\(name)")
    }
  }

  /// A name that people and file systems can both live with; stages may have several parts.
  public static func isSafe(name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= 128 else { return false }
    let isAllowed = { (byte: UInt8) in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    return isAllowed(first)
      && name.utf8.allSatisfy {
        isAllowed($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
      }
  }

  static func isSafe(relativePath path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return !parts.isEmpty && parts.count <= 64 && !path.utf8.contains(0)
      && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
  }

  static func check(stage: String, recipe: String) throws {
    for part in stage.split(separator: "/", omittingEmptySubsequences: false) + [recipe[...]]
    where !isSafe(name: String(part)) {
      throw ArtifactError.unsafeName(String(part))
    }
  }
}

/// Looking things up; no lock is needed.
extension ArtifactStore {
  /// The record of a run, or nil where there is none; throws `badRecord` for a damaged one.
  public func record(_ fingerprint: Digest) throws -> RunRecord? {
    let path = recordPath(fingerprint)
    let bytes: [UInt8]
    do { bytes = try Files.read(path, limit: 1 << 28) } catch let error as ArtifactError
      where error.isMissing
    {
      return nil
    }
    let document: JSON
    do { document = try JSON(parsing: bytes) } catch {
      throw ArtifactError.badRecord(path: path, reason: error.description)
    }
    return try RunRecord(document, path: path, fingerprint: fingerprint)
  }

  /// The fingerprints that have records, sorted.
  public func fingerprints() throws -> [Digest] {
    try Files.names(in: runs).compactMap { name in
      name.hasSuffix(".json") ? Digest(hex: name.dropLast(5)) : nil
    }
  }

  /// All readable records, by start and then by fingerprint; and what could not be read.
  public func records() throws -> (records: [RunRecord], damaged: [ArtifactError]) {
    var records: [RunRecord] = []
    var damaged: [ArtifactError] = []
    for fingerprint in try fingerprints() {
      do {
        if let record = try record(fingerprint) { records.append(record) }
      } catch let error as ArtifactError {
        damaged.append(error)
      }
    }
    records.sort { ($0.started, $0.fingerprint) < ($1.started, $1.fingerprint) }
    return (records, damaged)
  }

  /// The record whose fingerprint starts with these digits, if it is the only one.
  public func record(startingWith prefix: String) throws -> RunRecord? {
    let found = try fingerprints().filter { $0.hex.hasPrefix(prefix.lowercased()) }
    guard let only = found.first, found.count == 1 else { return nil }
    return try record(only)
  }

  /// What is wrong with the objects of a record, as far as `stat` and the cache can tell: nothing,
  /// if each is there, has its size, and had its digest when it was last read.
  public func damage(of record: RunRecord, cache: inout DigestCache) throws -> [ArtifactError] {
    var damage: [ArtifactError] = []
    for file in record.outputs.flatMap(\.files) {
      let path = object(file.digest)
      guard let status = try Files.status(path), status.size == file.size else {
        damage.append(.damaged(path: path, expected: file.digest, found: nil))
        continue
      }
      let found = try cache.digest(ofFile: path, isObject: true)
      if found != file.digest {
        damage.append(.damaged(path: path, expected: file.digest, found: found))
      }
    }
    return damage
  }
}
