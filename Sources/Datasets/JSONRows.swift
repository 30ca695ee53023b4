public import JSON

/// A file's rows as they are, whatever their fields: for data with a layout of its own.
///
/// JSON lines or an array, gzipped or not; rows count from one.
public func jsonRows(_ path: String) throws(DatasetError) -> [(row: Int, value: JSON)] {
  var scanner = try RowScanner(path: path)
  var rows: [(row: Int, value: JSON)] = []
  while let raw = try scanner.next() {
    do throws(JSONError) {
      rows.append((raw.row, try JSON(parsing: raw.bytes)))
    } catch {
      let problem = LocatedProblem(row: raw.row, line: raw.line, problem: .notJSON(error))
      throw .malformed(path: path, count: 1, of: raw.row, first: [problem])
    }
  }
  guard !rows.isEmpty else { throw .noRows(path: path) }
  return rows
}

extension RowSet {
  /// Rows that another reader than `RowReading` made of a file.
  public init(_ rows: [LocatedRow], of path: String) {
    var report = DatasetReport(path: path)
    report.rowsRead = rows.count
    report.rowsKept = rows.count
    self.init(rows: rows, report: report)
  }
}
