internal import Glibc

/// Plain POSIX files by path, with errors that name operation and path.
public enum Files {
  /// What stands at a path.
  public enum Kind: Sendable { case regular, directory, other }

  /// What `stat` says, in the parts the store needs.
  public struct Status: Sendable, Equatable {
    public var kind: Kind
    public var device: UInt64
    public var inode: UInt64
    public var links: UInt64
    /// In bytes.
    public var size: Int
    /// In nanoseconds since 1970.
    public var modified: Int
    public var changed: Int

    init(_ status: stat) {
      switch status.st_mode & S_IFMT {
      case S_IFREG: kind = .regular
      case S_IFDIR: kind = .directory
      default: kind = .other
      }
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
      links = UInt64(status.st_nlink)
      size = Int(status.st_size)
      modified = Files.nanoseconds(status.st_mtim)
      changed = Files.nanoseconds(status.st_ctim)
    }
  }

  private static func nanoseconds(_ time: timespec) -> Int {
    let (seconds, overflow) = Int(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? Int(time.tv_sec) : seconds &+ Int(time.tv_nsec)
  }

  /// What stands at the path, or nil; a symbolic link is followed unless told otherwise.
  public static func status(_ path: String, followingLinks: Bool = true) throws -> Status? {
    var status = stat()
    let result = followingLinks ? stat(path, &status) : lstat(path, &status)
    if result == 0 { return Status(status) }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw failure("look at", path)
  }

  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func failure(_ operation: String, _ path: String) -> ArtifactError {
    .system(operation: operation, path: path, code: errno)
  }

  /// Opens a regular file for reading; never waits for a pipe's other end.
  public static func withRegularFile<Value>(
    _ path: String, _ body: (Int32) throws -> Value
  ) throws -> Value {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT ? ArtifactError.missing(path: path) : failure("open", path)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("look at", path) }
    guard Status(status).kind == .regular else {
      throw ArtifactError.notRegular(path: path, wanted: "a plain file")
    }
    return try body(descriptor)
  }

  static func readPieces(
    _ descriptor: Int32, path: String, _ take: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure("read", path)
      }
      try buffer.withUnsafeBytes { try take(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
  }

  /// What stands behind the first `offset` bytes, such as what was appended since the last reading.
  public static func read(_ path: String, from offset: Int) throws -> [UInt8] {
    try withRegularFile(path) { descriptor in
      guard lseek(descriptor, offset, SEEK_SET) >= 0 else { throw failure("read", path) }
      var bytes: [UInt8] = []
      try readPieces(descriptor, path: path) { bytes += $0 }
      return bytes
    }
  }

  /// All bytes of a regular file; throws `tooMany` above the limit.
  public static func read(_ path: String, limit: Int = 1 << 30) throws -> [UInt8] {
    try withRegularFile(path) { descriptor in
      var bytes: [UInt8] = []
      try readPieces(descriptor, path: path) { piece in
        guard bytes.count + piece.count <= limit else {
          throw ArtifactError.tooMany(what: "bytes", limit: limit, path: path)
        }
        bytes.append(contentsOf: piece)
      }
      return bytes
    }
  }

  static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws {
    var offset = 0
    while offset < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
      let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw failure("write", path)
      }
      offset += count
    }
  }
}
