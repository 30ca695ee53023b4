import Foundation

/// All that a run found, as it is written to results.json.
struct RunReport: Codable {
  var date: String
  var machine: Machine
  var threads: Int
  /// Of the repository and what both sides stand on.
  var versions: [String: String]
  /// The load average before and behind.
  var load: [Double]
  /// What the ragged rows are.
  var rowsFile: String
  var kernels: KernelReport?
  var rows: [RowOutcome] = []

  enum CodingKeys: String, CodingKey {
    case date
    case machine
    case threads
    case versions
    case load
    case rowsFile = "rows_file"
    case kernels
    case rows
  }

  /// Writes results.json, results.md and the curves, anew after each row.
  func write(to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(self).write(to: URL(fileURLWithPath: "\(folder)/results.json"))
    try markdown.write(toFile: "\(folder)/results.md", atomically: true, encoding: .utf8)
    for curve in CurvePlot.all(of: rows) {
      try curve.svg.write(
        toFile: "\(folder)/\(curve.name).svg", atomically: true, encoding: .utf8)
    }
  }
}
