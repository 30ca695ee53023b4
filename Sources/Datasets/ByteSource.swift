internal import CZlib
internal import Glibc

/// The bytes of a file, piece by piece; gzip is recognised and undone.
final class ByteSource {
  let path: String
  private let stream: gzFile

  /// Opens a regular file.
  ///
  /// Without waiting, so that a pipe nobody writes to is refused rather than waited for; what the
  /// open descriptor is, not what the name was a moment ago, decides.
  init(path: String) throws(DatasetError) {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { throw .missing(path: path) }
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, let kind = Self.kind(of: status.st_mode) else {
      close(descriptor)
      throw .unreadable(path: path, reason: "its kind is unknown")
    }
    guard kind == "a file" else {
      close(descriptor)
      throw .notAFile(path: path, kind: kind)
    }
    guard let stream = gzdopen(descriptor, "rb") else {
      close(descriptor)
      throw .unreadable(path: path, reason: "zlib has no memory")
    }
    gzbuffer(stream, 1 << 17)
    self.path = path
    self.stream = stream
  }

  deinit { gzclose_r(stream) }

  /// The next bytes, 256 KiB at most; none at the end.
  func read(afterRow row: Int) throws(DatasetError) -> [UInt8] {
    let limit = 1 << 18
    var count: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
      count = gzread(stream, buffer.baseAddress, UInt32(limit))
      filled = max(0, Int(count))
    }
    var code: Int32 = Z_OK
    let message = gzerror(stream, &code)
    // A stream that ends early still gives its bytes, with Z_BUF_ERROR beside them.
    guard count >= 0, code == Z_OK || code == Z_STREAM_END else {
      let reason = message.map { String(cString: $0) } ?? "zlib error \(code)"
      throw .damagedCompression(path: path, reason: reason, afterRow: row)
    }
    return bytes
  }

  private static func kind(of mode: mode_t) -> String? {
    switch mode & S_IFMT {
    case S_IFREG: "a file"
    case S_IFDIR: "a directory"
    case S_IFIFO: "a named pipe"
    case S_IFCHR, S_IFBLK: "a device"
    case S_IFSOCK: "a socket"
    default: nil
    }
  }
}
