internal import Glibc

extension Files {
  /// Makes a directory and those above it; nothing happens where it is there.
  public static func makeDirectory(_ path: String) throws {
    if mkdir(path, 0o777) == 0 { return }
    switch errno {
    case EEXIST:
      guard try status(path)?.kind == .directory else {
        throw ArtifactError.notRegular(path: path, wanted: "a directory")
      }
    case ENOENT:
      let parent = directory(of: path)
      guard parent != path else { throw failure("make", path) }
      try makeDirectory(parent)
      guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw failure("make", path) }
    default: throw failure("make", path)
    }
  }

  /// The directory a path stands in.
  public static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The names in a directory, sorted by their bytes; empty where there is no such directory.
  public static func names(in path: String) throws -> [String] {
    guard let stream = opendir(path) else {
      if errno == ENOENT { return [] }
      throw failure("list", path)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
      }
      guard let name else {
        throw ArtifactError.notRegular(path: path, wanted: "a directory of names in UTF-8")
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Removes a file or a tree; links are removed, not followed, and nothing is no error.
  public static func remove(_ path: String, depth: Int = 0) throws {
    guard depth <= 128 else {
      throw ArtifactError.tooMany(what: "levels", limit: 128, path: path)
    }
    guard let found = try status(path, followingLinks: false) else { return }
    if found.kind == .directory {
      for name in try names(in: path) { try remove("\(path)/\(name)", depth: depth + 1) }
      guard rmdir(path) == 0 || errno == ENOENT else { throw failure("remove", path) }
    } else {
      guard unlink(path) == 0 || errno == ENOENT else { throw failure("remove", path) }
    }
  }

  public static func move(_ source: String, to destination: String) throws {
    guard rename(source, destination) == 0 else { throw failure("move", source) }
  }

  /// Waits until a directory's entries are on the disk.
  public static func synchronize(directory path: String) throws {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("synchronize", path) }
  }

  /// Puts a whole file in a path's place: written aside, synchronized, renamed.
  ///
  /// A reader sees the old file or the new one, also after a power failure.
  public static func replace(_ path: String, with bytes: [UInt8], durably: Bool = true) throws {
    let aside = "\(path).\(getpid()).tmp"
    let descriptor = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("make", aside) }
    do {
      defer { close(descriptor) }
      try bytes.withUnsafeBytes { try writeAll($0, to: descriptor, path: aside) }
      if durably && fsync(descriptor) != 0 { throw failure("synchronize", aside) }
    } catch {
      unlink(aside)
      throw error
    }
    try move(aside, to: path)
    if durably { try synchronize(directory: directory(of: path)) }
  }

  /// Makes a hard link, or a copy where links cannot be made (another file system).
  public static func linkOrCopy(_ source: String, to destination: String) throws {
    if link(source, destination) == 0 { return }
    guard errno == EXDEV || errno == EPERM || errno == EMLINK || errno == ENOTSUP else {
      throw failure("link", source)
    }
    try copy(source, to: destination)
  }

  /// Copies a regular file's bytes to a path where nothing stands.
  public static func copy(_ source: String, to destination: String) throws {
    try withRegularFile(source) { input in
      let output = open(destination, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      guard output >= 0 else { throw failure("make", destination) }
      defer { close(output) }
      try readPieces(input, path: source) { try writeAll($0, to: output, path: destination) }
    }
  }

  /// Adds bytes at a file's end, in one write.
  public static func append(_ bytes: [UInt8], to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("open", path) }
    defer { close(descriptor) }
    try bytes.withUnsafeBytes { try writeAll($0, to: descriptor, path: path) }
  }

  /// Exchanges two paths in one step, so that a reader sees one or the other whole.
  ///
  /// Glibc hides `renameat2` behind a macro that Swift's import does not set, so it is looked up.
  /// Answers false where the kernel or the file system cannot.
  static func exchange(_ first: String, _ second: String) -> Bool {
    typealias Rename =
      @convention(c) (
        Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
      ) -> Int32
    guard let address = dlsym(nil, "renameat2") else { return false }
    let renameat2 = unsafeBitCast(address, to: Rename.self)
    let exchangeFlag: UInt32 = 2
    return renameat2(AT_FDCWD, first, AT_FDCWD, second, exchangeFlag) == 0
  }
}
