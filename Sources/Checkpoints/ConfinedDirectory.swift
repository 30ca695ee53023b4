import Glibc
import JSON

/// A folder whose files are opened only inside it.
///
/// A file named by the folder's own content (a `weight_map`, say) may be hostile: links are
/// followed only where they end inside the folder, inside the Hugging Face cache that it belongs
/// to (`snapshots/<revision>/x` → `blobs/<digest>`), or inside a root that the caller trusts.
struct ConfinedDirectory: Sendable {
  let path: String
  private let roots: [String]

  init(path: String, trustedRoots: [String] = []) throws(CheckpointError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw CheckpointError.opening(path, purpose: "a folder with a model")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw .content(path: path, key: "folder", found: "a file", expected: "a folder")
    }
    guard let root = resolved(path) else {
      throw .system(path: path, operation: "resolve", code: errno)
    }
    self.path = path == "/" ? path : String(path.trimmingTrailingSlashes)
    var roots = [root]
    let parts = root.split(separator: "/")
    if parts.count > 2, parts[parts.count - 2] == "snapshots" {
      roots.append("/" + parts.dropLast(2).joined(separator: "/"))
    }
    self.roots = roots + trustedRoots.compactMap(resolved)
  }

  func path(of name: String) -> String { path == "/" ? "/\(name)" : "\(path)/\(name)" }

  /// Whether there is anything of that name.
  func holds(_ name: String) -> Bool { access(path(of: name), F_OK) == 0 }

  /// Opens a regular file of this folder; the caller closes it.
  private func open(_ name: String, purpose: String) throws(CheckpointError) -> Int32 {
    let file = path(of: name)
    var descriptor = Glibc.open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
    if descriptor < 0, errno == ELOOP {
      guard let target = resolved(file) else {
        throw CheckpointError.opening(file, purpose: purpose)
      }
      guard roots.contains(where: { target.hasPrefix($0 == "/" ? $0 : $0 + "/") }) else {
        throw .escapes(path: file, target: target)
      }
      descriptor = Glibc.open(target, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
    }
    guard descriptor >= 0 else { throw CheckpointError.opening(file, purpose: purpose) }
    return descriptor
  }

  func map(_ name: String, purpose: String) throws(CheckpointError) -> MappedFile {
    let descriptor = try open(name, purpose: purpose)
    defer { close(descriptor) }
    return try MappedFile(descriptor: descriptor, path: path(of: name))
  }

  func json(_ name: String, purpose: String, limit: Int) throws(CheckpointError) -> JSON {
    let file = try map(name, purpose: purpose)
    guard file.count <= limit else {
      throw .tooLarge(path: file.path, bytes: file.count, limit: limit)
    }
    do throws(JSONError) {
      return try JSON(parsing: file.copy(0..<file.count))
    } catch {
      throw .json(path: file.path, error)
    }
  }

  /// The names of everything in the folder, sorted by their bytes.
  func names() throws(CheckpointError) -> [String] {
    guard let directory = opendir(path) else {
      throw CheckpointError.opening(path, purpose: "a folder")
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

/// The path without links; nil where it leads nowhere.
private func resolved(_ path: String) -> String? {
  guard let target = realpath(path, nil) else { return nil }
  defer { free(target) }
  return String(cString: target)
}

extension String {
  fileprivate var trimmingTrailingSlashes: Substring {
    var trimmed = self[...]
    while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
    return trimmed
  }
}
