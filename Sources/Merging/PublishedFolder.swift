import Glibc

/// A folder that appears under its name whole or not at all.
///
/// Files go to a temporary folder beside it, which `publish` renames. A folder that is dropped before that is removed, unless it is
/// to be resumed: then it is kept, and nobody else may work in it meanwhile.
struct PublishedFolder: ~Copyable {
  let path: String
  /// Where files go: all of what the published folder will hold, and nothing else.
  let temporary: String
  /// What is kept beside the files of a folder that is to be resumed; nil of one that is not.
  let notes: String?
  /// Held as long as this is.
  private let lock: Int32

  /// Makes the temporary folder; the output itself may only be there if it is empty.
  init(path: String) throws(MergeError) {
    self.path = Self.plain(path)
    temporary = "\(self.path).\(getpid()).partial"
    notes = nil
    lock = -1
    try Self.requireEmpty(self.path)
    // A dead process of the same number may have left one; nobody else writes this name.
    Self.remove(temporary)
    try Self.make(temporary)
  }

  /// Makes or finds the folder in which an output is being made: `files` in it becomes the output, notes on progress stand beside.
  ///
  /// - Throws: `MergeError.busy` if another process has it.
  init(resuming partial: String, path: String) throws(MergeError) {
    let folder = Self.plain(partial)
    try Self.requireEmpty(Self.plain(path))
    try Self.make(folder)
    try Self.make("\(folder)/files")
    lock = try Self.locked("\(folder)/lock", for: path)
    self.path = Self.plain(path)
    notes = folder
    temporary = "\(folder)/files"
  }

  private static func locked(_ file: String, for path: String) throws(MergeError) -> Int32 {
    let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw .system(path: file, operation: "lock", code: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      throw code == EWOULDBLOCK
        ? .busy(path: path) : .system(path: file, operation: "lock", code: code)
    }
    return descriptor
  }

  deinit {
    // After publishing there is nothing of this name.
    if notes == nil { Self.remove(temporary) }
    if lock >= 0 { close(lock) }
  }

  /// Removes all that was made so far, the notes too.
  func clear() throws(MergeError) {
    Self.removeContents(temporary)
    guard let notes else { return }
    for name in Self.names(in: notes) where name != "lock" && name != "files" {
      unlink("\(notes)/\(name)")
    }
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
    // A resumed folder may have the file already, maybe not whole.
    unlink(file)
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
  }

  /// Puts the folder under its name, once all that is in it is on the disk.
  ///
  /// Files are flushed here and not as they are written: the first takes the others' changes to the file system along.
  func publish() throws(MergeError) {
    try Self.flushFiles(in: temporary)
    guard rename(temporary, path) == 0 else {
      throw .system(path: path, operation: "rename into place", code: errno)
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let parent = parts.isEmpty ? "." : parts.joined(separator: "/")
    let parentCode = Self.flush(parent.isEmpty ? "/" : parent)
    guard parentCode == 0 else { throw .system(path: parent, operation: "flush", code: parentCode) }
    if let notes { Self.remove(notes) }
  }
}

extension PublishedFolder {
  private static func plain(_ path: String) -> String {
    var plain = path
    while plain.count > 1, plain.hasSuffix("/") { plain.removeLast() }
    return plain
  }

  private static func requireEmpty(_ path: String) throws(MergeError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR, names(in: path).isEmpty else {
      throw .outputExists(path: path)
    }
  }

  /// Makes a folder, and those that it lies in where they are missing.
  private static func make(_ folder: String) throws(MergeError) {
    guard mkdir(folder, 0o755) != 0, errno != EEXIST else { return }
    let code = errno
    let parent = folder.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    guard code == ENOENT, !parent.isEmpty else {
      throw .system(path: folder, operation: "make", code: code)
    }
    try make(parent)
    guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
      throw .system(path: folder, operation: "make", code: errno)
    }
  }

  /// Flushes a folder's files, those of folders in it, and the folder.
  private static func flushFiles(in folder: String) throws(MergeError) {
    for name in names(in: folder) {
      let path = "\(folder)/\(name)"
      var status = stat()
      guard lstat(path, &status) == 0 else {
        throw .system(path: path, operation: "examine", code: errno)
      }
      if status.st_mode & S_IFMT == S_IFDIR {
        try flushFiles(in: path)
      } else {
        let code = flush(path)
        guard code == 0 else { throw .system(path: path, operation: "flush", code: code) }
      }
    }
    let code = flush(folder)
    guard code == 0 else { throw .system(path: folder, operation: "flush", code: code) }
  }

  private static func flush(_ path: String) -> Int32 {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    return fsync(descriptor) == 0 ? 0 : errno
  }

  static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes what this type made: files, and folders.
  private static func remove(_ folder: String) {
    removeContents(folder)
    rmdir(folder)
  }

  private static func removeContents(_ folder: String) {
    for name in names(in: folder) {
      let path = "\(folder)/\(name)"
      if unlink(path) != 0 { remove(path) }
    }
  }
}
