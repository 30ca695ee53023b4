import Datasets
import OrderedCollections
import Pipeline
import Profiling

extension TrainingSession {
  /// Reads a dataset's rows and says what was found in them.
  func rows(_ path: String, format: String?, malformed: MalformedPolicy) throws -> RowSet {
    try Profiler.measure(.data) {
      try RowReading(format: format, malformed: malformed).read(datasetFile(path))
    }
  }

  /// Tells what became of a dataset's rows: in words, and as closing figures `data/…` that gates may
  /// judge before the first step.
  func report(_ rows: DatasetReport) {
    report(.summary(rows.figures(of: slot(of: rows.path))))
    report(
      .note(
        "\(rows.path): \(rows.rowsKept) of \(rows.rowsRead) rows, layout \(rows.layout ?? "?")"))
    if let pairs = rows.pairs { report(pairs, of: rows.path) }
    for finding in rows.findings {
      let places = finding.rows.map(String.init).joined(separator: ", ")
      let count = "\(finding.count) \(finding.count == 1 ? "row" : "rows")"
      report(
        .warning(
          "\(rows.path): \(count) \(finding.outcome.rawValue): \(finding.reason) (rows \(places))"))
    }
  }

  /// What pairs have in common that a model might learn instead of quality.
  private func report(_ pairs: PreferenceStatistics, of path: String) {
    var parts: [String] = []
    if let longer = pairs.chosenLonger {
      parts.append("the longer answer is chosen in \(Int((longer * 100).rounded())) % of pairs")
    }
    if pairs.repeatedPrompts > 0 { parts.append("\(pairs.repeatedPrompts) prompts come again") }
    if !parts.isEmpty { report(.note("\(path): \(parts.joined(separator: ", "))")) }
    if pairs.contradictions > 0 {
      let pairsAre = pairs.contradictions == 1 ? "pair is" : "pairs are"
      report(
        .warning("\(path): \(pairs.contradictions) \(pairsAre) there the other way round as well"))
    }
  }

  /// The input that a file belongs to: `data`, `eval_data`.
  private func slot(of path: String) -> String {
    for (slot, paths) in context.order.inputs
    where paths.contains(where: { path == $0 || path.hasPrefix($0 + "/") }) {
      return slot
    }
    return "data"
  }
}

extension DatasetReport {
  /// What became of the rows, in numbers: `data/rows`, `data/kept`, ….
  func figures(of slot: String) -> OrderedDictionary<String, Double> {
    var figures: OrderedDictionary<String, Double> = [
      "\(slot)/rows": Double(rowsRead), "\(slot)/kept": Double(rowsKept),
      "\(slot)/dropped": Double(count(nil, .dropped)),
      "\(slot)/truncated": Double(count(nil, .truncated)),
      "\(slot)/duplicates": Double(count("duplicate")),
    ]
    guard let pairs else { return figures }
    figures["\(slot)/equal_pairs"] = Double(count("chosen equals rejected"))
    figures["\(slot)/repeated_prompts"] = Double(pairs.repeatedPrompts)
    figures["\(slot)/contradictions"] = Double(pairs.contradictions)
    figures["\(slot)/chosen_length"] = pairs.meanChosenLength
    figures["\(slot)/rejected_length"] = pairs.meanRejectedLength
    if let longer = pairs.chosenLonger { figures["\(slot)/chosen_longer"] = longer }
    return figures
  }
}
