import Artifacts
import OrderedCollections
import Pipeline

/// The table that closes a run: what each stage did, and what it came to.
enum RunTable {
  static func lines(of outcome: RunOutcome, store: ArtifactStore, recipe: String) -> [String] {
    var table = Table(["stage", "result", "time", "figures"], rightAligned: [2])
    for entry in outcome.entries {
      table.rows.append([
        entry.stage, entry.wasReused ? "reused" : "ran",
        entry.wasReused ? "–" : Amount.duration(entry.record.seconds),
        figures(of: entry.record, limit: 5),
      ])
    }
    var lines = table.lines
    let models = outcome.entries.filter { isModel($0.record) }
    if !models.isEmpty {
      lines += ["", "Models, as Hugging Face directories:"]
      lines += models.map { "  \(store.latest(recipe: recipe, stage: $0.stage))" }
    }
    let reports = outcome.entries.filter { $0.record.outputs.first?.kind == .report }
    for entry in reports {
      lines.append("Report: \(store.latest(recipe: recipe, stage: entry.stage))")
    }
    lines.append("Metrics and events of this run: \(outcome.logs)")
    return lines
  }

  /// `loss 1.31, accuracy 0.84`: the first figures that the stage gave.
  static func figures(of record: RunRecord, limit: Int) -> String {
    let finite = record.summary.filter { $0.value.isFinite }
    let shown = finite.prefix(limit).map { "\($0.key) \(Amount.figure($0.value))" }
    return shown.joined(separator: ", ")
  }

  private static func isModel(_ record: RunRecord) -> Bool {
    switch record.outputs.first?.kind {
    case .model, .rewardModel, .adapter: true
    default: false
    }
  }
}
