/// What to do with an example that is longer than it may be.
public enum OverlongPolicy: String, Sendable, Codable {
  case error
  case drop
  /// Cut the end off, counted in the report.
  case truncate
}

/// How many tokens an example may have.
public struct LengthLimit: Sendable, Equatable {
  public var maximum: Int
  public var policy: OverlongPolicy

  public init(maximum: Int, policy: OverlongPolicy = .error) {
    precondition(maximum > 1, "no example has \(maximum) tokens and something to learn")
    self.maximum = maximum
    self.policy = policy
  }
}

/// Turns rows into examples one by one, and keeps account of those that are too long.
struct ExampleLedger {
  private var ledger: RowLedger
  private let limit: LengthLimit
  private(set) var kept = 0

  init(_ rows: RowSet, limit: LengthLimit) {
    ledger = RowLedger(report: rows.report, policy: rows.malformed)
    self.limit = limit
  }

  /// Whether an example of so many tokens is to be used, and how many tokens of it.
  mutating func allowance(tokens: Int, promptTokens: Int, row: LocatedRow) -> Int? {
    guard tokens > limit.maximum else { return tokens }
    let problem: RowProblem =
      promptTokens >= limit.maximum
      ? .overlongPrompt(tokens: promptTokens, limit: limit.maximum)
      : .overlong(tokens: tokens, limit: limit.maximum)
    switch limit.policy {
    case .error:
      ledger.refuse(problem, row: row.row, line: row.line, policy: .error)
    case .drop:
      ledger.report.note(problem, row: row.row, outcome: .dropped)
    case .truncate where promptTokens >= limit.maximum:
      // Nothing of the answer would be left.
      ledger.report.note(problem, row: row.row, outcome: .dropped)
    case .truncate:
      ledger.report.note(problem, row: row.row, outcome: .truncated)
      return limit.maximum
    }
    return nil
  }

  /// Makes an example of each row; what a row's example is refused for is thrown inside.
  mutating func examples<Example>(
    of rows: [LocatedRow],
    _ make: (LocatedRow, inout ExampleLedger) throws -> Example?
  ) -> [Example] {
    var examples: [Example] = []
    for row in rows {
      do {
        if let example = try make(row, &self) { examples.append(example) }
      } catch let problem as RowProblem {
        ledger.refuse(problem, row: row.row, line: row.line)
      } catch {
        ledger.refuse(.untokenizable("\(error)"), row: row.row, line: row.line)
      }
    }
    kept = examples.count
    return examples
  }

  consuming func close() throws(DatasetError) -> DatasetReport {
    try ledger.close(kept: kept)
  }
}
