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

  /// Of pairs: what they have in common that a model might learn instead of quality.
  public internal(set) var pairs: PreferenceStatistics?

  /// The findings, in the order in which they first came up.
  public private(set) var findings: [Finding] = []

  public init(path: String) {
    self.path = path
  }

  /// Rows with something found in them, of one kind or of one outcome.
  public func count(_ reason: String? = nil, _ outcome: Outcome? = nil) -> Int {
    findings.reduce(0) { sum, finding in
      let isMeant =
        (reason == nil || finding.reason == reason)
        && (outcome == nil || finding.outcome == outcome)
      return isMeant ? sum + finding.count : sum
    }
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
