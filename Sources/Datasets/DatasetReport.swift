/// What became of a file's rows: how many were read, how many are used, and why the others are not.
public struct DatasetReport: Sendable, Equatable, Codable {
  /// One kind of finding.
  public struct Finding: Sendable, Equatable, Codable {
    public let reason: String
    public let outcome: Outcome
    public internal(set) var count: Int

    /// The first ten rows' numbers, from one.
    public internal(set) var rows: [Int]

    /// The first row's problem in words.
    public let example: String
  }

  /// What happened to a row that something was found in.
  public enum Outcome: String, Sendable, Equatable, Codable {
    case kept
    case dropped
    case truncated
  }

  public let path: String

  /// The layout's name; nil if no row was recognised.
  public internal(set) var layout: String?
  public internal(set) var rowsRead = 0
  public internal(set) var rowsKept = 0

  /// The findings, in the order in which they first came up.
  public private(set) var findings: [Finding] = []

  public init(path: String) {
    self.path = path
  }

  public mutating func note(_ problem: RowProblem, row: Int, outcome: Outcome) {
    let known = findings.firstIndex { $0.reason == problem.reason && $0.outcome == outcome }
    if let known {
      findings[known].count += 1
      if findings[known].rows.count < 10 { findings[known].rows.append(row) }
    } else {
      findings.append(
        Finding(
          reason: problem.reason, outcome: outcome, count: 1, rows: [row],
          example: "\(problem)"))
    }
  }
}
