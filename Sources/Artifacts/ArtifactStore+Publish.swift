internal import Glibc
internal import JSON

/// The points of publishing between which a crash may fall.
enum PublishPoint: Sendable, Equatable {
  case hashed(path: String)
  case moved(path: String)
  case objectsSynchronized
  case recordWritten
  case workRemoved
}

extension ArtifactStore {
  /// An output folder that a stage has filled.
  public struct Folder: Sendable {
    public var name: String
    public var kind: ArtifactKind
    public var path: String

    public init(name: String, kind: ArtifactKind, path: String) {
      self.name = name
      self.kind = kind
      self.path = path
    }
  }

  /// Makes a stage's folders into artifacts and writes its record, last of all.
  ///
  /// The files are moved, not copied; the work directory of the fingerprint is removed at the end.
  /// A crash before the record is in place leaves objects that nothing names.
  public func publish(
    _ folders: [Folder], as record: RunRecord, cache: inout DigestCache
  ) throws -> RunRecord {
    try publish(folders, as: record, cache: &cache) { _ in }
  }

  func publish(
    _ folders: [Folder], as record: RunRecord, cache: inout DigestCache,
    passing: (PublishPoint) throws -> Void
  ) throws -> RunRecord {
    try ArtifactStore.check(stage: record.stage, recipe: record.recipe)
    try prepare()
    var record = record
    var touched: [String] = []
    record.outputs = []
    for folder in folders {
      let files = try takeIn(folder, cache: &cache, touched: &touched, passing: passing)
      record.outputs.append(.init(name: folder.name, kind: folder.kind, files: files))
    }
    for directory in Set(touched).sorted() { try Files.synchronize(directory: directory) }
    try Files.synchronize(directory: objects)
    try passing(.objectsSynchronized)
    let text = record.json.serialized(.pretty) + "\n"
    try Files.replace(recordPath(record.fingerprint), with: Array(text.utf8))
    try passing(.recordWritten)
    try Files.remove(work(record.fingerprint))
    try passing(.workRemoved)
    return record
  }

  private func takeIn(
    _ folder: Folder, cache: inout DigestCache, touched: inout [String],
    passing: (PublishPoint) throws -> Void
  ) throws -> [FileRecord] {
    let tree = try FileTree(directory: folder.path)
    guard !tree.entries.isEmpty else {
      throw ArtifactError.emptyOutput(name: folder.name, path: folder.path)
    }
    var files: [FileRecord] = []
    for entry in tree.entries {
      let path = "\(folder.path)/\(entry.path)"
      guard ArtifactStore.isSafe(relativePath: entry.path) else {
        throw ArtifactError.unsafeName(entry.path)
      }
      let digest = try settle(path)
      try passing(.hashed(path: entry.path))
      let destination = object(digest)
      try Files.makeDirectory(Files.directory(of: destination))
      try Files.move(path, to: destination)
      touched.append(Files.directory(of: destination))
      if let status = try Files.status(destination) {
        cache.note(digest, for: status, isObject: true)
        files.append(FileRecord(path: entry.path, size: status.size, digest: digest))
      }
      try passing(.moved(path: entry.path))
    }
    return files
  }

  /// Hashes a file and waits until its bytes are on the disk; it can only be read from then on.
  ///
  /// A file with other names (a stage may hard-link a tokenizer from its input) is copied first, or
  /// the store would share its contents with whoever holds the other name. A link is copied too.
  private func settle(_ path: String) throws -> Digest {
    let status = try Files.status(path, followingLinks: false)
    if status?.kind != .regular || (status?.links ?? 0) > 1 {
      let aside = "\(Files.directory(of: path))/.copy"
      try Files.remove(aside)
      try Files.copy(path, to: aside)
      try Files.move(aside, to: path)
    }
    return try Files.withRegularFile(path) { descriptor in
      let digest = try Digest.of(descriptor: descriptor, path: path)
      guard fchmod(descriptor, 0o444) == 0 else { throw Files.failure("protect", path) }
      guard fdatasync(descriptor) == 0 else { throw Files.failure("synchronize", path) }
      return digest
    }
  }
}
