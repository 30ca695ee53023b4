import Glibc

/// A regular file's bytes, mapped read-only.
///
/// Opening never waits (a named pipe is refused, not read) and the checks are made on the open
/// file, not on its name. The file must not be cut short while it is mapped: the store never
/// changes a published file, and writers here replace files by renaming.
final class MappedFile: Sendable {
  let path: String
  let count: Int
  let identity: FileIdentity
  /// Zero where the file is empty, for then nothing is mapped.
  private let address: UInt

  /// Maps the file at `path`; `purpose` says what was wanted if it is not there.
  convenience init(path: String, purpose: String) throws(CheckpointError) {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw CheckpointError.opening(path, purpose: purpose) }
    defer { close(descriptor) }
    try self.init(descriptor: descriptor, path: path)
  }

  /// Maps an open file; the descriptor stays the caller's.
  init(descriptor: Int32, path: String) throws(CheckpointError) {
    let status = try regularFileStatus(descriptor, path: path)
    let size = Int(status.st_size)
    self.path = path
    count = size
    identity = FileIdentity(path: path, status)
    guard size > 0 else {
      address = 0
      return
    }
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
    else { throw .system(path: path, operation: "map into memory", code: errno) }
    address = UInt(bitPattern: start)
  }

  deinit {
    if address != 0 { munmap(UnsafeMutableRawPointer(bitPattern: address), count) }
  }

  /// Lends the bytes of a range that the caller has checked against `count`.
  func withBytes<R>(_ range: Range<Int>, _ body: (RawSpan) throws -> R) rethrows -> R {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) is not in \(count)")
    let start = UnsafeRawPointer(bitPattern: address + UInt(range.lowerBound))
    let bytes = UnsafeRawBufferPointer(start: start, count: range.count)
    return try withExtendedLifetime(self) { try body(bytes.bytes) }
  }

  /// Says that a range will hardly be read again soon: its pages need not stay in this process's memory.
  ///
  /// They come back from the system's cache, or the disk, if they are read all the same.
  func release(_ range: Range<Int>) {
    advise(MADV_DONTNEED, range)
  }

  /// Asks the system to begin reading a range.
  func prefetch(_ range: Range<Int>) {
    advise(MADV_WILLNEED, range)
  }

  /// Advice is about whole pages; what it says of those at the edges does no harm.
  private func advise(_ advice: Int32, _ range: Range<Int>) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let start = range.lowerBound / page * page
    guard address != 0, range.upperBound <= count, start < range.upperBound else { return }
    let first = UnsafeMutableRawPointer(bitPattern: address + UInt(start))
    madvise(first, range.upperBound - start, advice)
  }

  /// A copy of a range that the caller has checked against `count`.
  func copy(_ range: Range<Int>) -> [UInt8] {
    withBytes(range) { span in span.withUnsafeBytes { Array($0) } }
  }
}

extension CheckpointError {
  /// What `errno` says after a failed open.
  static func opening(_ path: String, purpose: String) -> CheckpointError {
    let code = errno
    return code == ENOENT || code == ENOTDIR
      ? .missing(path: path, purpose: purpose) : .system(path: path, operation: "open", code: code)
  }
}

/// The size of an open file, if it is a regular one.
func regularFileSize(_ descriptor: Int32, path: String) throws(CheckpointError) -> Int {
  Int(try regularFileStatus(descriptor, path: path).st_size)
}

/// What the system says of an open file, if it is a regular one.
func regularFileStatus(_ descriptor: Int32, path: String) throws(CheckpointError) -> stat {
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    throw .system(path: path, operation: "examine", code: errno)
  }
  guard status.st_mode & S_IFMT == S_IFREG else { throw .notARegularFile(path: path) }
  return status
}
