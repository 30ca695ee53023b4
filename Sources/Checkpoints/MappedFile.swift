import Glibc

/// A regular file's bytes, mapped read-only.
///
/// Opening never waits (a named pipe is refused, not read) and the checks are made on the open
/// file, not on its name. The file must not be cut short while it is mapped: the store never
/// changes a published file, and writers here replace files by renaming.
final class MappedFile: Sendable {
  let path: String
  let count: Int
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
    let size = try regularFileSize(descriptor, path: path)
    self.path = path
    count = size
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
  /// They come back from the system's cache, or the disk, if they are read all the same. Only whole
  /// pages go, so that what stands beside the range stays.
  func release(_ range: Range<Int>) {
    let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
    let start = (address + UInt(range.lowerBound) + page - 1) / page * page
    let end = (address + UInt(range.upperBound)) / page * page
    guard address != 0, start < end else { return }
    madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), MADV_DONTNEED)
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
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    throw .system(path: path, operation: "examine", code: errno)
  }
  guard status.st_mode & S_IFMT == S_IFREG else { throw .notARegularFile(path: path) }
  return Int(status.st_size)
}
