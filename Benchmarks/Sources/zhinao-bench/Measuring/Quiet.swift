import Glibc

/// Sleeps until the machine has been idle for half a second, or `limit` seconds have passed; says whether it is idle.
@discardableResult
func waitForQuiet(limit: Double) -> Bool {
  let start = ContinuousClock.now
  while (ContinuousClock.now - start).inSeconds < limit {
    let clock = StretchClock()
    usleep(500_000)
    if clock.stop(steps: 1, tokens: 0, companions: 0).others < 0.1 { return true }
  }
  return false
}

/// The most memory that this process has held at once, in bytes.
///
/// From the process's own counters: `getrusage` also remembers what its parent held.
func peakBytes() -> Int {
  let line = textFile("/proc/self/status")?.split(separator: "\n").first {
    $0.hasPrefix("VmHWM:")
  }
  let kibibytes = line?.split(separator: " ").compactMap { Int($0) }.first
  return (kibibytes ?? 0) * 1024
}
