import Foundation

/// What the measurements were made on.
struct Machine: Codable {
  var processor: String
  var cores: Int
  var memoryBytes: Int
  var system: String
  /// Whether bfloat16 products have instructions of their own: without, they are emulated and slow.
  var multipliesBrainFloats: Bool

  enum CodingKeys: String, CodingKey {
    case processor
    case cores
    case memoryBytes = "memory_bytes"
    case system
    case multipliesBrainFloats = "multiplies_bfloat16"
  }

  init() {
    let lines = (textFile("/proc/cpuinfo") ?? "").split(separator: "\n")
    func field(_ name: String) -> Substring? {
      lines.first { $0.hasPrefix(name) }?.split(separator: ":").last
    }
    processor = (field("model name") ?? "unknown").trimmingCharacters(in: .whitespaces)
    cores = ProcessInfo.processInfo.activeProcessorCount
    memoryBytes = Int(ProcessInfo.processInfo.physicalMemory)
    system = ProcessInfo.processInfo.operatingSystemVersionString
    let flags = Set((field("flags") ?? "").split(separator: " "))
    multipliesBrainFloats = !flags.isDisjoint(with: ["avx512_bf16", "amx_bf16"])
  }

  var sentence: String {
    "\(processor), \(cores) cores, \(size(memoryBytes)) of memory, \(system), bfloat16 products "
      + (multipliesBrainFloats ? "in hardware" : "not in hardware")
  }
}

/// Processes that wanted to run, on average over the last minute.
func loadAverage() -> Double {
  Double((textFile("/proc/loadavg") ?? "").split(separator: " ").first ?? "") ?? 0
}
