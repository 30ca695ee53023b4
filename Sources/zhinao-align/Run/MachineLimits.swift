import Artifacts
import Glibc

/// What this machine has to give, in bytes and cores.
struct MachineLimits {
  /// Nil where the system does not say.
  var memory: Int?
  var disk: Int?

  /// Asks for the memory of the machine or of this container, and for the disk below a path.
  init(workspace: String) {
    memory = MachineLimits.installedMemory()
    disk = MachineLimits.freeDisk(at: workspace)
  }

  private static func installedMemory() -> Int? {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let size = sysconf(Int32(_SC_PAGESIZE))
    guard pages > 0, size > 0 else { return nil }
    let installed = pages.multipliedReportingOverflow(by: size).partialValue
    return min(installed, containerLimit() ?? installed)
  }

  /// A container's limit (cgroup 2), where there is one.
  private static func containerLimit() -> Int? {
    guard let bytes = try? Files.read("/sys/fs/cgroup/memory.max", limit: 64) else { return nil }
    return Int(String(decoding: bytes, as: UTF8.self).prefix { $0.isNumber })
  }

  private static func freeDisk(at path: String) -> Int? {
    var path = path
    while !Files.exists(path), path != ".", path != "/" { path = Files.directory(of: path) }
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    return Int(clamping: UInt(status.f_bavail)).multipliedReportingOverflow(
      by: Int(clamping: UInt(status.f_frsize))
    ).partialValue
  }

  /// How many threads a process should compute with: what OMP_NUM_THREADS says, else the cores that
  /// this process may use, shared between ranks.
  static func threads(ranks: Int = 1) -> Int {
    if let said = Console.variable("OMP_NUM_THREADS").flatMap({ Int($0) }), said > 0 {
      return min(said, 4096)
    }
    return max(1, cores / max(1, ranks))
  }

  static var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
