import Datasets
import JSON
import Pipeline

/// Rows of published sets whose layouts are their own.
enum SuiteRows {
  /// A file's rows, each made by `read`; what is wrong with a row is said with its number.
  static func read(
    _ path: String, _ read: (JSON, Int) throws(BadInput) -> Row
  ) throws -> RowSet {
    let file = try datasetFile(path)
    var rows: [LocatedRow] = []
    for (row, value) in try jsonRows(file) {
      do throws(BadInput) {
        rows.append(LocatedRow(row: row, line: row, content: try read(value, row)))
      } catch {
        throw BadInput("\(file): row \(row): \(error.message)")
      }
    }
    return RowSet(rows, of: file)
  }
}
