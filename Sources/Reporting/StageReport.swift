public import Artifacts
internal import JSON

/// A stage of a run as a report shows it.
public struct StageReport: Sendable {
  public enum Result: Sendable, Equatable {
    case ran, reused
    case failed(message: String)
  }

  public var name: String
  public var result: Result
  /// Nil where the stage did not come to its end.
  public var record: RunRecord?

  public init(name: String, result: Result, record: RunRecord? = nil) {
    self.name = name
    self.result = result
    self.record = record
  }
}

/// What the files of a workspace say about a stage; whatever cannot be read is left out.
struct StageFindings {
  var curves: [Curve]
  var samples: [JSON]
  var warnings: [String]
  /// The text of an evaluation's report.
  var report: String?

  private static let limit = 1 << 26

  init(_ stage: StageReport, store: ArtifactStore, logs: String) {
    let kept = stage.record.map { "\(store.runs)/\($0.fingerprint.hex).metrics.jsonl" }
    let metrics =
      [kept, "\(logs)/metrics.jsonl"].compactMap(\.self).lazy.compactMap {
        try? Files.read($0, limit: StageFindings.limit)
      }.first ?? []
    // The kept lines carry the name that the stage had when it ran, in whichever recipe.
    curves = Curve.reading(metrics, stage: stage.record?.stage ?? stage.name)
    let journal = stage.record?.environment["logs"]?.string ?? logs
    let events = (try? Files.read("\(journal)/events.jsonl", limit: StageFindings.limit)) ?? []
    (samples, warnings) = StageFindings.events(events, stage: stage.record?.stage ?? stage.name)
    if let output = stage.record?.outputs.first, output.kind == .report,
      let file = output.files.first(where: { $0.path == "report.md" }),
      let bytes = try? Files.read(store.object(file.digest), limit: 1 << 20)
    {
      report = String(decoding: bytes, as: UTF8.self)
    }
  }

  private static func events(_ text: [UInt8], stage: String) -> ([JSON], [String]) {
    var samples: [JSON] = []
    var warnings: [String] = []
    for line in text.split(separator: UInt8(ascii: "\n")) {
      guard let event = try? JSON(parsing: line), event["stage"]?.string == stage else { continue }
      if let sample = event["sample"] { samples.append(sample) }
      if event["event"]?.string == "warning", let text = event["text"]?.string {
        warnings.append(text)
      }
    }
    return (samples, warnings)
  }

  /// So many samples, evenly over the run, the first and the last among them.
  func samples(limit: Int) -> [JSON] {
    guard samples.count > limit, limit > 1 else { return samples }
    return (0..<limit).map { samples[$0 * (samples.count - 1) / (limit - 1)] }
  }
}
