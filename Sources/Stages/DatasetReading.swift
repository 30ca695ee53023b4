import Datasets
import OrderedCollections
import Pipeline

extension TrainingSession {
  /// Reads a dataset's rows and says what was found in them.
  func rows(_ path: String, format: String?) throws -> RowSet {
    try RowReading(format: format).read(datasetFile(path))
  }

  /// Tells what became of a dataset's rows.
  func report(_ rows: DatasetReport) {
    report(.note("\(rows.path): \(rows.rowsKept) of \(rows.rowsRead) rows, layout \(rows.layout ?? "?")"))
    for finding in rows.findings {
      let places = finding.rows.map(String.init).joined(separator: ", ")
      report(
        .warning(
          "\(rows.path): \(finding.count) \(finding.count == 1 ? "row" : "rows") \(finding.outcome.rawValue): \(finding.reason) (rows \(places))"
        ))
    }
  }
}
