import Glibc

/// What tells whether a file is still the one that was opened: writing to it changes some of this.
///
/// Not when its inode last changed: another hard link to it, as stores make them, changes that too.
struct FileIdentity: Sendable, Equatable, CustomStringConvertible {
  var path: String
  var device: UInt64
  var inode: UInt64
  var bytes: Int
  /// When its contents last changed, in nanoseconds since 1970.
  var modified: Int64

  init(path: String, _ status: stat) {
    self.path = path
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    bytes = Int(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
  }

  var description: String {
    "\(path): \(bytes) bytes, inode \(inode) of device \(device), written at \(modified)"
  }
}
