import Glibc

/// A file that appears under its name whole or not at all.
///
/// Bytes go to a temporary name in the same folder, which `publish` makes durable and renames. A
/// file that is dropped before that is removed.
final class PublishedFile {
  let path: String
  private let folder: String
  private let temporary: String
  private var descriptor: Int32

  init(folder: String, name: String) throws(CheckpointError) {
    self.folder = folder
    path = "\(folder)/\(name)"
    temporary = "\(folder)/.\(name).\(getpid()).partial"
    // A dead process of the same number may have left one; nobody else writes this name.
    unlink(temporary)
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else {
      throw CheckpointError.opening(temporary, purpose: "a folder to write into")
    }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary)
  }

  func write(_ bytes: RawSpan, at offset: Int) throws(CheckpointError) {
    var code: Int32 = 0
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count, code == 0 {
        let piece = UnsafeRawBufferPointer(rebasing: buffer[done...])
        let written = pwrite(descriptor, piece.baseAddress, piece.count, off_t(offset + done))
        if written > 0 {
          done += written
        } else if written == 0 {
          code = ENOSPC
        } else if errno != EINTR {
          code = errno
        }
      }
    }
    guard code == 0 else { throw .system(path: path, operation: "write", code: code) }
  }

  func write(_ bytes: [UInt8], at offset: Int) throws(CheckpointError) {
    try write(bytes.span.bytes, at: offset)
  }

  /// Puts the bytes on disk and the file under its name.
  func publish() throws(CheckpointError) {
    guard fsync(descriptor) == 0 else {
      throw .system(path: path, operation: "flush", code: errno)
    }
    guard rename(temporary, path) == 0 else {
      throw .system(path: path, operation: "rename into place", code: errno)
    }
    close(descriptor)
    descriptor = -1
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw .system(path: folder, operation: "open", code: errno) }
    defer { close(directory) }
    guard fsync(directory) == 0 else {
      throw .system(path: folder, operation: "flush", code: errno)
    }
  }

  /// Writes a whole small file.
  static func write(_ text: String, folder: String, name: String) throws(CheckpointError) {
    let file = try PublishedFile(folder: folder, name: name)
    try file.write(Array(text.utf8), at: 0)
    try file.publish()
  }
}
