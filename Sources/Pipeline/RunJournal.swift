internal import Artifacts
internal import JSON
internal import OrderedCollections

/// The files under `logs/<recipe>/<start>/`: what happened, and a line for each step.
///
/// A journal that cannot be written does not stop a run: results do not depend on it.
struct RunJournal: Sendable {
  let directory: String

  init(store: ArtifactStore, recipe: String, started: String) throws {
    let name = started.replacing(":", with: "-")
    var directory = store.logs(recipe: recipe, started: name)
    var count = 1
    while Files.exists(directory) {
      count += 1
      directory = store.logs(recipe: recipe, started: "\(name)-\(count)")
    }
    try Files.makeDirectory(directory)
    self.directory = directory
  }

  var metricsPath: String { "\(directory)/metrics.jsonl" }

  func note(_ event: RunEvent) {
    guard var line = json(event) else { return }
    line["time"] = .string(Clock.now())
    try? Files.append(
      Array((line.serialized(.compact) + "\n").utf8), to: "\(directory)/events.jsonl")
  }

  /// Puts a stage's profile beside those of the stages before it.
  func keep(_ profile: JSON, of stage: String) {
    let path = "\(directory)/profile.json"
    var all = (try? JSON(parsing: try Files.read(path, limit: 1 << 26))) ?? [:]
    all[stage] = profile
    try? Files.replace(path, with: Array((all.serialized(.pretty) + "\n").utf8), durably: false)
  }

  /// Steps are in the metrics already and are left out.
  private func json(_ event: RunEvent) -> JSON? {
    switch event {
    case .opened: return nil
    case .reused(let stage, let record):
      return [
        "event": "reused", "stage": .string(stage),
        "fingerprint": .string(record.fingerprint.hex),
      ]
    case .started(let stage, let kind, let action, let reasons):
      let word: JSON =
        switch action {
        case .reuse: "reuse"
        case .resume: "resume"
        case .run: "run"
        }
      return [
        "event": "started", "stage": .string(stage), "kind": .string(kind), "action": word,
        "reasons": .array(reasons.map { .string($0) }),
      ]
    case .stage(_, .step), .stage(_, .progress), .stage(_, .profile): return nil
    case .stage(let stage, let event):
      var line = event.json
      line["stage"] = .string(stage)
      return line
    case .finished(let stage, let record):
      return [
        "event": "finished", "stage": .string(stage),
        "fingerprint": .string(record.fingerprint.hex), "seconds": .number(record.seconds),
      ]
    case .failed(let stage, let message):
      return ["event": "failed", "stage": .string(stage), "text": .string(message)]
    }
  }
}

/// A stage's steps, one line each, over all attempts: a step that is taken again after an
/// interruption replaces the one that was lost.
///
/// Each attempt's journal holds the steps before it, too, so that its curves are whole.
final class MetricsLog {
  private let stage: String
  private let path: String
  private let checkpointPath: String
  private let journal: RunJournal
  /// Lines of earlier attempts that have not been written to this journal yet.
  private var earlier: [(step: Int, line: String)]
  private var hasBegun = false

  init(stage: String, work: String, journal: RunJournal) {
    self.stage = stage
    self.journal = journal
    path = "\(work)/metrics.jsonl"
    checkpointPath = "\(work)/checkpoint"
    let bytes = (try? Files.read(path, limit: 1 << 30)) ?? []
    earlier = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let text = String(decoding: line, as: UTF8.self)
      guard let step = (try? JSON(parsing: text))?["step"]?.int else { return nil }
      return (step, text)
    }
  }

  /// The steps of earlier attempts, each once.
  var earlierSteps: [(step: Int, metrics: OrderedDictionary<String, Double>)] {
    earlier.compactMap { step, line in
      guard let members = (try? JSON(parsing: line))?.object else { return nil }
      // Null is what stands for a number that is none.
      let metrics = members.filter { $0.key != "stage" && $0.key != "step" }
      return (step, metrics.mapValues { $0.double ?? .nan })
    }
  }

  func take(_ event: StageEvent) throws {
    switch event {
    case .step(let step, _, let metrics):
      if !hasBegun { try begin(before: step) }
      var line: OrderedDictionary<String, JSON> = [
        "stage": .string(stage), "step": .integer(step),
      ]
      for (name, value) in metrics { line[name] = value.isFinite ? .number(value) : .null }
      let bytes = Array((JSON.object(line).serialized(.compact) + "\n").utf8)
      try Files.append(bytes, to: path)
      try Files.append(bytes, to: journal.metricsPath)
    case .checkpoint(let step):
      try Files.replace(checkpointPath, with: Array("\(step)".utf8), durably: false)
    default: break
    }
  }

  private func begin(before step: Int) throws {
    hasBegun = true
    let kept = earlier.filter { $0.step < step }.map { $0.line + "\n" }.joined()
    guard !earlier.isEmpty else { return }
    try Files.replace(path, with: Array(kept.utf8), durably: false)
    try Files.append(Array(kept.utf8), to: journal.metricsPath)
  }

  /// Keeps the lines beside the record, for reports of later runs that reuse the stage.
  func finish(keepingAt destination: String) throws {
    if !hasBegun { try begin(before: .max) }
    guard Files.exists(path) else { return }
    try Files.replace(destination, with: try Files.read(path), durably: false)
  }
}
