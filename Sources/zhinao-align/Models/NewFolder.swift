import Artifacts
import Glibc
import Pipeline

/// A folder that appears under its name whole or not at all.
struct NewFolder: ~Copyable {
  let path: String
  let temporary: String

  /// The folder may be there only if it is empty.
  init(_ path: String) throws {
    let names = try NewFolder.prepare(path)
    self.path = names.path
    temporary = names.temporary
  }

  private static func prepare(_ path: String) throws -> (path: String, temporary: String) {
    var plain = path
    while plain.count > 1, plain.hasSuffix("/") { plain.removeLast() }
    if let status = try Files.status(plain, followingLinks: false) {
      guard status.kind == .directory, try Files.names(in: plain).isEmpty else {
        throw Failure(.usage, "\(plain) is there already; name a folder that is not, or is empty")
      }
    }
    let temporary = "\(plain).\(getpid()).partial"
    try Files.remove(temporary)
    try Files.makeDirectory(temporary)
    return (plain, temporary)
  }

  /// After publishing there is nothing of this name.
  deinit { try? Files.remove(temporary) }

  func publish() throws {
    try Files.synchronize(directory: temporary)
    if Files.exists(path) { try Files.remove(path) }
    try Files.move(temporary, to: path)
    try Files.synchronize(directory: Files.directory(of: path))
  }
}
