import Datasets
import OrderedCollections
import Pipeline

extension TrainingSession {
  /// Reads a dataset's rows and says what was found in them.
  func rows(_ path: String, format: String?, malformed: MalformedPolicy) throws -> RowSet {
    try RowReading(format: format, malformed: malformed).read(datasetFile(path))
  }

  /// Tells what became of a dataset's rows.
  func report(_ rows: DatasetReport) {
    report(
      .note(
        "\(rows.path): \(rows.rowsKept) of \(rows.rowsRead) rows, layout \(rows.layout ?? "?")"))
    for finding in rows.findings {
      let places = finding.rows.map(String.init).joined(separator: ", ")
      let count = "\(finding.count) \(finding.count == 1 ? "row" : "rows")"
      report(
        .warning(
          "\(rows.path): \(count) \(finding.outcome.rawValue): \(finding.reason) (rows \(places))"))
    }
  }
}
