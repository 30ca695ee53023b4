internal import Artifacts
internal import Glibc
internal import JSON
internal import OrderedCollections

/// A run's `metrics.jsonl` for TensorBoard: a folder of event files, a run for each stage.
///
/// It follows the file, from which earlier attempts' steps come as well; what cannot be written is let
/// go, since no result depends on it.
public struct TensorBoardLog: Sendable {
  private let metrics: String
  private let directory: String
  private var offset = 0
  private var begun: Set<String> = []

  /// `logs` is the run's folder.
  public init(logs: String) {
    metrics = "\(logs)/metrics.jsonl"
    directory = "\(logs)/tensorboard"
  }

  /// Writes what has come since the last time, whole lines only.
  public mutating func catchUp() {
    guard let bytes = try? Files.read(metrics, from: offset),
      let end = bytes.lastIndex(of: UInt8(ascii: "\n"))
    else { return }
    offset += end + 1
    for line in bytes[...end].split(separator: UInt8(ascii: "\n")) {
      guard let members = (try? JSON(parsing: line))?.object,
        let stage = members["stage"]?.string, let step = members["step"]?.int
      else { continue }
      let values = members.compactMap { name, value -> (tag: String, value: Float)? in
        guard name != "stage", name != "step", let number = value.double else { return nil }
        return (name, Float(number))
      }
      try? write(ScalarEvent.step(step, wallTime: TensorBoardLog.now, values), of: stage)
    }
  }

  private mutating func write(_ event: [UInt8], of stage: String) throws {
    let folder = "\(directory)/\(stage)"
    let path = "\(folder)/events.out.tfevents.0000000000.zhinao-align"
    if begun.insert(stage).inserted {
      try Files.makeDirectory(folder)
      try Files.append(ScalarEvent.version(wallTime: TensorBoardLog.now), to: path)
    }
    try Files.append(event, to: path)
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
