import Artifacts
import OrderedCollections
import Pipeline

/// The figures of a stage as people read them: first what it gained, `accuracy 0.5 → 0.84`, then what
/// it counted.
struct RunFigures {
  private var parts: [String] = []

  init(_ record: RunRecord, before: RunRecord? = nil) {
    // What became of the data's rows is told when it is found; here it would hide what was gained.
    let figures = record.summary.filter {
      $0.value.isFinite && !$0.key.hasPrefix("data/") && !$0.key.hasPrefix("eval_data/")
    }
    if record.kind == "evaluate" {
      parts = RunFigures.measures(figures)
      return
    }
    let counts = figures.filter { !$0.key.hasSuffix("/first") }
    func origin(_ name: String) -> Double? {
      figures["\(name)/first"] ?? (name == "scores/mean" ? before?.summary[name] : nil)
    }
    parts = counts.compactMap { name, value in
      origin(name).map { "\(name) \(Amount.figure($0)) → \(Amount.figure(value))" }
    }
    parts += counts.filter { origin($0.key) == nil }.map { "\($0.key) \(Amount.figure($0.value))" }
  }

  /// A stage of a run: the last round's scores are shown beside the first's.
  init(_ entry: RunOutcome.Entry, in outcome: RunOutcome) {
    let parts = entry.stage.split(separator: "/")
    guard entry.record.kind == "score", parts.count > 2, let round = Int(parts[parts.count - 2]),
      round > 1
    else {
      self.init(entry.record)
      return
    }
    let name = (parts.dropLast(2) + ["1", parts[parts.count - 1]]).joined(separator: "/")
    self.init(entry.record, before: outcome.entries.first { $0.stage == name }?.record)
  }

  /// `accuracy sft 0.3, dpo 0.4; win_rate dpo 0.6`: the rest is in the report.
  private static func measures(_ figures: OrderedDictionary<String, Double>) -> [String] {
    ["accuracy", "win_rate"].compactMap { measure in
      let models = figures.filter { $0.key.hasSuffix("/\(measure)") }.map { name, value in
        "\(name.dropLast(measure.count + 1)) \(Amount.figure(value))"
      }
      return models.isEmpty ? nil : "\(measure) \(models.joined(separator: ", "))"
    }
  }

  var text: String { text(limit: 6) }

  /// So many of them, what was gained before the rest.
  func text(limit: Int) -> String {
    // A measure of several models has commas of its own.
    let separator = parts.contains { $0.contains(", ") } ? "; " : ", "
    return parts.prefix(limit).joined(separator: separator)
  }
}
