import Artifacts
import JSON
import OrderedCollections
import Pipeline

/// The table that closes a run: what each stage did, and what it came to.
enum RunTable {
  static func lines(
    of outcome: RunOutcome, store: ArtifactStore, recipe: String, width: Int
  ) -> [String] {
    var table = Table(["stage", "result", "time", "memory", "figures"], rightAligned: [2, 3])
    for entry in outcome.entries {
      table.rows.append([
        entry.stage, entry.wasReused ? "reused" : "ran",
        entry.wasReused ? "–" : Amount.duration(entry.record.seconds),
        entry.wasReused ? "–" : peak(of: entry.record),
        RunFigures(entry, in: outcome).text,
      ])
    }
    var lines = table.lines(wrappedTo: width)
    let models = outcome.entries.filter { isModel($0.record) }
    if !models.isEmpty {
      lines += ["", "Models, as Hugging Face directories:"]
      lines += models.map { "  \(store.latest(recipe: recipe, stage: $0.stage))" }
    }
    // Reports for people; others are figures for later stages, and stand in the table.
    let reports = outcome.entries.filter { entry in
      entry.record.outputs.first?.files.contains { $0.path == "report.md" } ?? false
    }
    for entry in reports {
      let folder = store.latest(recipe: recipe, stage: entry.stage)
      lines += ["", "Evaluation: \(folder)"] + ReportTable.lines(folder: folder, width: width)
    }
    if !reports.isEmpty { lines.append("") }
    lines.append("Report of this run: \(RunReporting.page(in: outcome.logs))")
    return lines
  }

  /// The most memory that the stage's first rank had in use.
  private static func peak(of record: RunRecord) -> String {
    record.environment["peak_memory"]?.int.map(Amount.bytes) ?? "–"
  }

  private static func isModel(_ record: RunRecord) -> Bool {
    switch record.outputs.first?.kind {
    case .model, .rewardModel, .adapter: true
    default: false
    }
  }
}
