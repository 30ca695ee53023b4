internal import Glibc

/// Digests of files by what `stat` says of them, so that a second run need not read a model again.
///
/// A file counts as unchanged while device, inode, size, time of modification and time of change
/// are. It is a cache: a line that cannot be read is forgotten, and `verify` does not ask it.
public struct DigestCache: Sendable {
  struct Identity: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
    var size: Int
    var modified: Int
    var changed: Int

    /// Objects leave out the time of change: the store's own hard links move it, and nothing but
    /// the store may write there.
    init(_ status: Files.Status, isObject: Bool) {
      device = status.device
      inode = status.inode
      size = status.size
      modified = status.modified
      changed = isObject ? 0 : status.changed
    }

    init(device: UInt64, inode: UInt64, size: Int, modified: Int, changed: Int) {
      self.device = device
      self.inode = inode
      self.size = size
      self.modified = modified
      self.changed = changed
    }

    static func precedes(_ left: Identity, _ right: Identity) -> Bool {
      (left.device, left.inode, left.size, left.modified, left.changed)
        < (right.device, right.inode, right.size, right.modified, right.changed)
    }
  }

  private var digests: [Identity: Digest] = [:]
  private var isChanged = false

  /// How many files have been read to the end since the cache was made: what a second run spares.
  public private(set) var filesRead = 0

  public init() {}

  /// Reads a cache that `save` wrote; an absent or broken one is an empty one.
  public init(contentsOf path: String) {
    guard let bytes = try? Files.read(path, limit: 1 << 28) else { return }
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let parts = String(decoding: line, as: UTF8.self).split(separator: " ")
      guard parts.count == 6, let device = UInt64(parts[0]), let inode = UInt64(parts[1]),
        let size = Int(parts[2]), let modified = Int(parts[3]), let changed = Int(parts[4]),
        let digest = Digest(hex: parts[5])
      else { continue }
      let identity = Identity(
        device: device, inode: inode, size: size, modified: modified, changed: changed)
      digests[identity] = digest
    }
  }

  /// Writes the cache, if it learned something.
  public mutating func save(to path: String) throws {
    guard isChanged else { return }
    var text = ""
    let sorted = digests.sorted { Identity.precedes($0.key, $1.key) }
    for (identity, digest) in sorted.suffix(500_000) {
      text += "\(identity.device) \(identity.inode) \(identity.size) "
      text += "\(identity.modified) \(identity.changed) \(digest.hex)\n"
    }
    try Files.replace(path, with: Array(text.utf8), durably: false)
    isChanged = false
  }

  /// The digest of a file, read only if it is not known.
  public mutating func digest(ofFile path: String) throws -> Digest {
    try digest(ofFile: path, isObject: false)
  }

  mutating func digest(ofFile path: String, isObject: Bool) throws -> Digest {
    guard let status = try Files.status(path) else { throw ArtifactError.missing(path: path) }
    if let known = digests[Identity(status, isObject: isObject)] { return known }
    filesRead += 1
    let digest = try Digest.of(file: path)
    let after = try Files.status(path)
    guard let after, Identity(after, isObject: true) == Identity(status, isObject: true) else {
      throw ArtifactError.changedWhileRead(path: path)
    }
    note(digest, for: after, isObject: isObject)
    return digest
  }

  /// Remembers a digest, unless the file is so young that a change within the clock's step
  /// (4 to 10 ms on Linux) could go unseen.
  mutating func note(_ digest: Digest, for status: Files.Status, isObject: Bool) {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let instant = Int(now.tv_sec) &* 1_000_000_000 &+ Int(now.tv_nsec)
    guard isObject || instant &- max(status.changed, status.modified) > 50_000_000 else { return }
    digests[Identity(status, isObject: isObject)] = digest
    isChanged = true
  }

  /// The files of an input: a directory's, or the file itself under an empty path.
  public mutating func files(of path: String) throws -> [FileRecord] {
    guard let status = try Files.status(path) else { throw ArtifactError.missing(path: path) }
    guard status.kind == .directory else {
      return [FileRecord(path: "", size: status.size, digest: try digest(ofFile: path))]
    }
    var files: [FileRecord] = []
    for entry in try FileTree(directory: path).entries {
      let digest = try digest(ofFile: "\(path)/\(entry.path)")
      files.append(FileRecord(path: entry.path, size: entry.status.size, digest: digest))
    }
    return files
  }

  /// The digest of a file's contents or of a directory's tree.
  public mutating func digest(of path: String) throws -> Digest {
    let files = try files(of: path)
    if let only = files.first, only.path.isEmpty { return only.digest }
    return Digest.of(files: files)
  }
}
