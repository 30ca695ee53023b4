internal import Glibc

/// The workspace held by one run; given back when the value ends, or when the process does.
///
/// The kernel keeps the lock, not the file: nobody ever has to remove it by hand. Readers take none.
public struct WorkspaceLock: ~Copyable, Sendable {
  private let descriptor: Int32

  /// Takes the lock at once, or throws `locked` with who holds it.
  ///
  /// The descriptor is closed on exec, so that ranks that outlive their run do not keep the lock.
  public init(workspace: String, since: String) throws {
    descriptor = try WorkspaceLock.take(workspace: workspace, since: since)
  }

  private static func take(workspace: String, since: String) throws -> Int32 {
    try Files.makeDirectory(workspace)
    let path = "\(workspace)/lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Files.failure("open", path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      guard code == EWOULDBLOCK else {
        throw ArtifactError.system(operation: "lock", path: path, code: code)
      }
      let text = (try? Files.read(path, limit: 4096)).map { String(decoding: $0, as: UTF8.self) }
      throw ArtifactError.locked(workspace: workspace, holder: text ?? "unknown")
    }
    let holder = Array("pid \(getpid()) on \(hostName()) since \(since)".utf8)
    ftruncate(descriptor, 0)
    try holder.withUnsafeBytes { try Files.writeAll($0, to: descriptor, path: path) }
    return descriptor
  }

  deinit { close(descriptor) }

  /// Keeps the lock until here.
  public borrowing func keep() {}
}

/// This machine's name, for messages and records only.
public func hostName() -> String {
  var bytes = [CChar](repeating: 0, count: 256)
  guard gethostname(&bytes, 255) == 0 else { return "an unnamed host" }
  return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
