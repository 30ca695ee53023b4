internal import Artifacts

/// The most memory that this process has had in use.
public enum PeakMemory {
  /// In bytes; nil where the system does not say.
  public static var bytes: Int? {
    guard let status = try? Files.read("/proc/self/status", limit: 1 << 16) else { return nil }
    let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first {
      $0.hasPrefix("VmHWM:")
    }
    return line?.split(separator: " ").compactMap { Int($0) }.first.map { $0 * 1024 }
  }
}
