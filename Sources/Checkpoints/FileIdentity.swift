import Glibc

/// What tells whether a file is still the one that was opened: any write to it changes some of this.
public struct FileIdentity: Sendable, Equatable {
  public var path: String
  public var device: UInt64
  public var inode: UInt64
  public var bytes: Int
  /// When its contents last changed, in nanoseconds since 1970; a program may set this back.
  public var modified: Int64
  /// When anything of it last changed; only the system sets this.
  public var changed: Int64

  init(path: String, _ status: stat) {
    self.path = path
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    bytes = Int(status.st_size)
    modified = FileIdentity.nanoseconds(status.st_mtim)
    changed = FileIdentity.nanoseconds(status.st_ctim)
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}
