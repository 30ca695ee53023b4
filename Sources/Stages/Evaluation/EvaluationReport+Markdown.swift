import Rewards

extension EvaluationReport {
  /// Tables for people: one of the user's own problems, prompts, pairs and texts, one for each named suite, and one of differences.
  var markdown: String {
    var lines = ["# Evaluation", ""]
    lines += plainTable
    for name in suiteNames { lines += table(name) }
    lines += differenceTable
    lines += [
      "Means, with intervals of 95 % in brackets; answers to one question count as one cluster."
    ]
    if let rewardAccuracy {
      lines += [
        "",
        "The reward model ranks \(Figure.shown(rewardAccuracy)) of \(rewardAccuracy.count) pairs right.",
      ]
    }
    if let verdict { lines += ["", verdict] }
    return lines.joined(separator: "\n") + "\n"
  }

  private var suiteNames: [String] {
    (models.first?.suites ?? []).filter { !$0.isPlain }.map(\.suite)
  }

  /// A row for each model and a column for each figure without a suite's name.
  private var plainTable: [String] {
    let rows = all.map { model in
      var cells: [(String, String)] = []
      for suite in model.suites where suite.isPlain {
        cells += suite.measures.map { ($0.name, Figure.shown($0.estimate)) }
      }
      cells += model.plainNumbers.map { ($0.name, Figure.shown($0.value)) }
      if let skills = model.meanOfSkills { cells.append(("skills", Figure.shown(skills))) }
      return (model.name, cells)
    }
    return Self.table(rows)
  }

  private func table(_ name: String) -> [String] {
    let suites = all.compactMap { model in model.suite(name).map { (model.name, $0) } }
    let prompts = suites.map(\.1.promptCount)
    let count =
      prompts.allSatisfy { $0 == prompts.first }
      ? "\(prompts.first ?? 0)" : "\(prompts.min() ?? 0) to \(prompts.max() ?? 0)"
    let rows = suites.map { model, suite in
      (
        model,
        suite.measures.map { ($0.name, Figure.shown($0.estimate)) }
          + suite.plainNumbers.map { ($0.name, Figure.shown($0.value)) }
      )
    }
    let grids = suites.flatMap { model, suite -> [String] in
      guard let grid = suite.grid else { return [] }
      return Self.table(
        grid.rows.map { row in
          (row.name, zip(grid.columns, row.means).map { ($0, $1.map { Figure.shown($0) } ?? "") })
        }, corner: model)
    }
    return ["## \(name) (n = \(count), k = \(suites.first?.1.k ?? 1))", ""] + Self.table(rows)
      + grids
  }

  /// Every model against the baseline, or without one against the first.
  private var differenceTable: [String] {
    guard let reference = all.first, all.count > 1 else { return [] }
    let differences = differences(among: all.dropFirst().map { ($0, reference) })
    guard !differences.isEmpty else { return [] }
    let rows = all.dropFirst().map { model in
      (
        "\(model.name) − \(reference.name)",
        differences.filter { $0.first == model.name }.map {
          ($0.figure, Figure.shown($0.estimate, signed: true))
        }
      )
    }
    return ["## Differences on the same prompts", ""] + Self.table(rows, corner: "models")
  }

  private static func table(
    _ rows: [(name: String, cells: [(String, String)])], corner: String = "model"
  ) -> [String] {
    var columns: [String] = []
    for row in rows {
      for cell in row.cells where !columns.contains(cell.0) { columns.append(cell.0) }
    }
    guard !columns.isEmpty else { return [] }
    var lines = ["| \(corner) | " + columns.joined(separator: " | ") + " |"]
    lines.append("|---|" + columns.map { _ in "---:|" }.joined())
    for row in rows {
      let cells = columns.map { column in row.cells.first { $0.0 == column }?.1 ?? "" }
      lines.append("| \(row.name) | " + cells.joined(separator: " | ") + " |")
    }
    return lines + [""]
  }
}

/// Numbers as the report shows them.
enum Figure {
  /// Three decimals.
  static func shown(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    let thousandths = Int((abs(value) * 1000).rounded())
    let decimals = String(1000 + thousandths % 1000).dropFirst()
    return "\(value < 0 && thousandths > 0 ? "−" : "")\(thousandths / 1000).\(decimals)"
  }

  /// With its interval.
  static func shown(_ estimate: Estimate, signed: Bool = false) -> String {
    let mean = (signed && estimate.mean >= 0.0005 ? "+" : "") + shown(estimate.mean)
    guard estimate.low.isFinite, estimate.high.isFinite else { return mean }
    return "\(mean) [\(shown(estimate.low)), \(shown(estimate.high))]"
  }
}
