import Glibc

/// A folder that appears under its name whole or not at all.
///
/// Files go to a temporary folder beside it, which `publish` renames. A folder that is dropped before that is removed.
struct PublishedFolder: ~Copyable {
  let path: String
  let temporary: String

  /// Makes the temporary folder; the output itself may only be there if it is empty.
  init(path: String) throws(MergeError) {
    var plain = path
    while plain.count > 1, plain.hasSuffix("/") { plain.removeLast() }
    self.path = plain
    temporary = "\(plain).\(getpid()).partial"
    var status = stat()
    if lstat(plain, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR, Self.names(in: plain).isEmpty else {
        throw .outputExists(path: plain)
      }
    }
    // A dead process of the same number may have left one; nobody else writes this name.
    Self.remove(temporary)
    guard mkdir(temporary, 0o755) == 0 else {
      throw .system(path: temporary, operation: "make", code: errno)
    }
  }

  deinit {
    // After publishing there is nothing of this name.
    Self.remove(temporary)
  }

  func write(_ text: String, name: String) throws(MergeError) {
    try write(Array(text.utf8), name: name)
  }

  /// Copies a file, making the folder that its name may begin with.
  func copy(_ source: String, name: String) throws(MergeError) {
    let parts = name.split(separator: "/")
    if parts.count > 1 { mkdir("\(temporary)/\(parts[0])", 0o755) }
    let descriptor = open(source, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path: source, operation: "open", code: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(descriptor, &piece, piece.count)
      if count < 0 { throw .system(path: source, operation: "read", code: errno) }
      if count == 0 { break }
      bytes += piece[..<count]
    }
    try write(bytes, name: name)
  }

  private func write(_ bytes: [UInt8], name: String) throws(MergeError) {
    let file = "\(temporary)/\(name)"
    let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw .system(path: file, operation: "make", code: errno) }
    defer { close(descriptor) }
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno != EINTR { throw .system(path: file, operation: "write", code: errno) }
      done += max(0, count)
    }
    guard fsync(descriptor) == 0 else { throw .system(path: file, operation: "flush", code: errno) }
  }

  /// Puts the folder under its name.
  func publish() throws(MergeError) {
    let code = Self.flush(temporary)
    guard code == 0 else { throw .system(path: temporary, operation: "flush", code: code) }
    guard rename(temporary, path) == 0 else {
      throw .system(path: path, operation: "rename into place", code: errno)
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let parent = parts.isEmpty ? "." : parts.joined(separator: "/")
    let parentCode = Self.flush(parent.isEmpty ? "/" : parent)
    guard parentCode == 0 else { throw .system(path: parent, operation: "flush", code: parentCode) }
  }

  private static func flush(_ folder: String) -> Int32 {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    return fsync(descriptor) == 0 ? 0 : errno
  }

  private static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Removes what this type made: files, and folders one deep.
  private static func remove(_ folder: String) {
    for name in names(in: folder) {
      let path = "\(folder)/\(name)"
      if unlink(path) != 0 { remove(path) }
    }
    rmdir(folder)
  }
}
