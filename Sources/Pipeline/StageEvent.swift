public import JSON
public import OrderedCollections

/// What a stage tells while it runs.
public enum StageEvent: Sendable, Equatable {
  /// A finished optimizer step (or its like) and its metrics, under TRL's names.
  case step(Int, of: Int?, metrics: OrderedDictionary<String, Double>)
  /// How far something without metrics is: rows tokenized, completions sampled.
  case progress(String, done: Int, of: Int)
  /// State is on the disk from which the stage can go on after this step.
  case checkpoint(step: Int)
  case note(String)
  case warning(String)
  /// An example for the report: a prompt, its completions, their rewards.
  case sample(JSON)
  /// Closing figures for the table; later ones replace earlier ones of the same name.
  case summary(OrderedDictionary<String, Double>)
  /// The most memory that the worker had in use, in bytes; of several ranks that of the first.
  case memory(peak: Int)
  /// What the worker's time went into.
  case profile(JSON)
  /// Why the worker ends, where it does not end well: outlives what a launcher does to exit codes.
  case failure(code: Int, message: String)
}

extension StageEvent {
  /// One line of a worker's standard output and of `events.jsonl`; what is not finite is null.
  public var json: JSON {
    switch self {
    case .step(let step, let total, let metrics):
      [
        "event": "step", "step": .integer(step), "of": total.map { .integer($0) } ?? .null,
        "metrics": numbers(metrics),
      ]
    case .progress(let what, let done, let total):
      ["event": "progress", "what": .string(what), "done": .integer(done), "of": .integer(total)]
    case .checkpoint(let step): ["event": "checkpoint", "step": .integer(step)]
    case .note(let text): ["event": "note", "text": .string(text)]
    case .warning(let text): ["event": "warning", "text": .string(text)]
    case .sample(let sample): ["event": "sample", "sample": sample]
    case .summary(let figures): ["event": "summary", "figures": numbers(figures)]
    case .memory(let peak): ["event": "memory", "peak": .integer(peak)]
    case .profile(let profile): ["event": "profile", "profile": profile]
    case .failure(let code, let message):
      ["event": "failure", "code": .integer(code), "text": .string(message)]
    }
  }

  /// Reads a line back; nil for anything that is no event.
  public init?(_ json: JSON) {
    let text = json["text"]?.string
    switch json["event"]?.string {
    case "step":
      guard let step = json["step"]?.int, let metrics = json["metrics"]?.object else { return nil }
      self = .step(step, of: json["of"]?.int, metrics: doubles(metrics))
    case "progress":
      guard let what = json["what"]?.string, let done = json["done"]?.int,
        let total = json["of"]?.int
      else { return nil }
      self = .progress(what, done: done, of: total)
    case "checkpoint":
      guard let step = json["step"]?.int else { return nil }
      self = .checkpoint(step: step)
    case "memory":
      guard let peak = json["peak"]?.int else { return nil }
      self = .memory(peak: peak)
    case "profile":
      guard let profile = json["profile"] else { return nil }
      self = .profile(profile)
    case "note":
      guard let text else { return nil }
      self = .note(text)
    case "warning":
      guard let text else { return nil }
      self = .warning(text)
    case "sample":
      guard let sample = json["sample"] else { return nil }
      self = .sample(sample)
    case "summary":
      guard let figures = json["figures"]?.object else { return nil }
      self = .summary(doubles(figures))
    case "failure":
      guard let text, let code = json["code"]?.int else { return nil }
      self = .failure(code: code, message: text)
    default: return nil
    }
  }
}

private func numbers(_ values: OrderedDictionary<String, Double>) -> JSON {
  .object(values.mapValues { $0.isFinite ? .number($0) : .null })
}

private func doubles(_ values: OrderedDictionary<String, JSON>) -> OrderedDictionary<String, Double>
{
  values.mapValues { $0.double ?? .nan }
}
