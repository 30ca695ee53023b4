import Artifacts
import Collectives
import Datasets
import JSON
import Pipeline

/// The completions of every generation so far, a file each in the stage's own folder.
///
/// They are written before they are learnt from: whoever goes on in the middle of a generation does not sample again, and at the end
/// they become an output.
struct RolloutArchive {
  static let fileName = "rollouts.jsonl.gz"

  let session: TrainingSession
  let titles: [String]

  private var folder: String { session.context.work + "/rollouts" }

  private func path(_ index: Int) -> String {
    let digits = String(index)
    let zeros = String(repeating: "0", count: max(0, 8 - digits.count))
    return "\(folder)/\(zeros)\(digits).jsonl.gz"
  }

  func write(_ batch: RolloutBatch) throws {
    try session.onFirst {
      let generation: JSON = [
        "index": .integer(batch.index), "start": .integer(batch.start), "end": .integer(batch.end),
        "dropped": .integer(batch.dropped),
      ]
      let lines = batch.groups.map {
        $0.json(titles: titles, generation: generation).serialized(.compact) + "\n"
      }
      try Files.makeDirectory(folder)
      try Files.replace(
        path(batch.index), with: Gzip.compressed(Array(lines.joined().utf8)))
    }
  }

  /// A generation as it was written, the same on every rank; nil where it was not.
  func read(_ index: Int) throws -> RolloutBatch? {
    var bytes: [UInt8] = []
    try session.onFirst {
      guard Files.exists(path(index)) else { return }
      bytes = try Gzip.decompressed(Files.read(path(index), limit: 1 << 34), limit: 1 << 36)
    }
    try session.communicator.broadcast(&bytes, from: 0)
    guard !bytes.isEmpty else { return nil }
    var batch = RolloutBatch(index: index, groups: [], start: 0, end: 0)
    for (row, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
      let json = try JSON(parsing: line)
      batch.groups.append(
        try RolloutGroup(json, titles: titles, row: row + 1, place: "\(path(index)):\(row + 1)"))
      batch.start = json["generation"]?["start"]?.int ?? 0
      batch.end = json["generation"]?["end"]?.int ?? 0
      batch.dropped = json["generation"]?["dropped"]?.int ?? 0
    }
    return batch
  }

  /// Writes all of them as one file: streams of gzip one after another are one.
  func publish(generations: Int, to folder: String) throws {
    try session.onFirst {
      let output = "\(folder)/\(Self.fileName)"
      for index in 0..<generations {
        try Files.append(Files.read(path(index), limit: 1 << 34), to: output)
      }
    }
  }
}
