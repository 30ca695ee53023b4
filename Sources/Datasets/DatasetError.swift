/// Why a dataset was refused as a whole.
public enum DatasetError: Error, Equatable {
  case missing(path: String)
  case unreadable(path: String, reason: String)

  /// Something that has no end or waits for others: a pipe, a device, a directory.
  case notAFile(path: String, kind: String)

  /// The compressed stream ends early or is damaged, behind so many good rows.
  case damagedCompression(path: String, reason: String, afterRow: Int)
  case overlongRow(path: String, row: Int, line: Int, limit: Int)
  case unclosedArray(path: String, row: Int, line: Int)
  case badSeparator(path: String, afterRow: Int, line: Int)
  case unknownFormat(name: String, known: [String])

  /// Rows that the policy does not allow to be left out; `first` holds ten at most.
  case malformed(path: String, count: Int, of: Int, first: [LocatedProblem])
  case noRows(path: String)
}

extension DatasetError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let path):
      "\(path): there is no such file"
    case .unreadable(let path, let reason):
      "\(path): cannot be read: \(reason)"
    case .notAFile(let path, let kind):
      "\(path): is \(kind); a dataset is a regular file of JSON or JSON lines, gzipped or not"
    case .damagedCompression(let path, let reason, let row):
      "\(path): the gzip stream is damaged after row \(row): \(reason)"
    case .overlongRow(let path, let row, let line, let limit):
      "\(path):\(line): row \(row) is longer than \(limit) bytes"
    case .unclosedArray(let path, let row, let line):
      "\(path):\(line): the array is not closed after row \(row): expected a row or ']'"
    case .badSeparator(let path, let row, let line):
      "\(path):\(line): expected ',' between rows or the end after ']', after row \(row); "
        + "a file with one row a line needs the name .jsonl"
    case .unknownFormat(let name, let known):
      "there is no row format '\(name)'; the formats are \(known.joined(separator: ", "))"
    case .malformed(let path, let count, let total, let first):
      (["\(path): \(count) of \(total) rows cannot be used:"]
        + first.map { "  \(path):\($0.line): row \($0.row): \($0.problem)" }
        + (count > first.count ? ["  and \(count - first.count) more"] : [])
        + layouts(ifUnknownIn: first))
        .joined(separator: "\n")
    case .noRows(let path):
      "\(path): there are no rows left to use"
    }
  }
}

extension DatasetError {
  /// The layouts that there are, once, if some row fits none.
  private func layouts(ifUnknownIn problems: [LocatedProblem]) -> [String] {
    guard problems.contains(where: { $0.problem.reason == "unknown layout" }) else { return [] }
    return ["  the layouts are:"] + RowLayout.all.map { "    \($0.name): \($0.fields)" }
  }
}

/// A problem and where it stands; rows and lines count from one.
public struct LocatedProblem: Sendable, Equatable {
  public let row: Int
  public let line: Int
  public let problem: RowProblem

  public init(row: Int, line: Int, problem: RowProblem) {
    self.row = row
    self.line = line
    self.problem = problem
  }
}
