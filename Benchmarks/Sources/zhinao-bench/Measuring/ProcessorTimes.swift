import Glibc

/// Processor seconds that the whole machine and this process have used so far.
struct ProcessorTimes {
  /// All but idle and waiting for disks.
  var busy = 0.0
  /// What the host gave to other machines.
  var stolen = 0.0
  /// By this process and its children that have ended.
  var own = 0.0

  static func now() -> ProcessorTimes {
    var times = ProcessorTimes()
    let fields = (textFile("/proc/stat")?.split(separator: "\n").first ?? "")
      .split(separator: " ").dropFirst().compactMap { Double($0) }
    if fields.count >= 8 {
      let tick = Double(sysconf(Int32(_SC_CLK_TCK)))
      times.busy = (fields[0] + fields[1] + fields[2] + fields[5] + fields[6]) / tick
      times.stolen = fields[7] / tick
    }
    times.own = seconds(of: RUSAGE_SELF) + seconds(of: RUSAGE_CHILDREN)
    return times
  }

  private static func seconds(of who: __rusage_who) -> Double {
    var usage = rusage()
    getrusage(who.rawValue, &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(0) {
      $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
    }
  }
}

/// A small text file, such as those that the kernel makes.
func textFile(_ path: String) -> String? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var text: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&part, 1, part.count, file)
    guard count > 0 else { break }
    text += part.prefix(count)
  }
  return String(decoding: text, as: UTF8.self)
}
