internal import JSON
internal import OrderedCollections

/// What to do with a row that cannot be used.
public enum MalformedPolicy: String, Sendable, Codable, CaseIterable {
  /// Refuse the file, and name the first ten such rows.
  case error
  /// Leave the row out and count it.
  case skip
}

/// The rows of one file, and the account of it.
public struct RowSet: Sendable {
  public var rows: [LocatedRow]
  public var report: DatasetReport
  /// Also for rows of which no example can be made.
  public var malformed = MalformedPolicy.error
}

/// How to read a dataset's rows.
public struct RowReading: Sendable {
  /// The layout's name; nil recognises it by the first row that fits one.
  public var format: String?
  public var malformed: MalformedPolicy
  public var roles: RoleNames

  public init(
    format: String? = nil, malformed: MalformedPolicy = .error, roles: RoleNames = RoleNames()
  ) {
    self.format = format
    self.malformed = malformed
    self.roles = roles
  }

  /// Reads a JSON array or JSON lines, gzipped or not.
  ///
  /// Duplicates are kept and reported. Of the file, one row at a time is in memory.
  public func read(_ path: String) throws(DatasetError) -> RowSet {
    var scanner = try RowScanner(path: path)
    var layout: RowLayout?
    if let format { layout = try RowLayout.named(format) }
    var ledger = RowLedger(path: path, policy: malformed)
    var duplicates = DuplicateFinder()
    var rows: [LocatedRow] = []
    while let raw = try scanner.next() {
      ledger.report.rowsRead += 1
      do throws(RowProblem) {
        let row = LocatedRow(row: raw.row, line: raw.line, content: try row(raw, &layout))
        rows.append(row)
        if let first = duplicates.find(row.content, at: rows.count - 1, among: rows) {
          ledger.report.note(.duplicate(ofRow: rows[first].row), row: raw.row, outcome: .kept)
        }
      } catch {
        ledger.refuse(error, row: raw.row, line: raw.line)
      }
    }
    ledger.report.layout = layout?.name
    return RowSet(
      rows: rows, report: try ledger.close(kept: rows.count), malformed: malformed)
  }

  private func row(_ raw: RawRow, _ layout: inout RowLayout?) throws(RowProblem) -> Row {
    let fields = try fields(raw)
    if let layout {
      // What is missing or wrong says more than that the layout is another, so it comes first.
      let row = try layout.read(fields)
      guard format != nil || layout.recognises(fields) else {
        throw .anotherLayout(fields: fields.names, expected: layout.name)
      }
      return row
    }
    guard let found = RowLayout.recognise(fields) else {
      throw .unknownLayout(fields: fields.names)
    }
    layout = found
    return try found.read(fields)
  }

  private func fields(_ raw: RawRow) throws(RowProblem) -> RowFields {
    let value: JSON
    do {
      value = try JSON(parsing: raw.bytes)
    } catch {
      throw .notJSON(error)
    }
    if let members = value.object { return RowFields(members: members, roles: roles) }
    guard case .array = value else { throw .notAnObject(kind: value.kind) }
    return RowFields(members: ["messages": value], roles: roles)
  }
}

/// Keeps account of the rows that are left out, as the policy says.
struct RowLedger {
  var report: DatasetReport
  private let policy: MalformedPolicy
  private var fatal = Refusals()
  private var skipped = Refusals()

  private struct Refusals {
    var count = 0
    var first: [LocatedProblem] = []

    mutating func add(_ problem: LocatedProblem) {
      count += 1
      if first.count < 10 { first.append(problem) }
    }
  }

  init(path: String, policy: MalformedPolicy) {
    self.init(report: DatasetReport(path: path), policy: policy)
  }

  init(report: DatasetReport, policy: MalformedPolicy) {
    self.report = report
    self.policy = policy
  }

  mutating func refuse(
    _ problem: RowProblem, row: Int, line: Int, policy: MalformedPolicy? = nil
  ) {
    report.note(problem, row: row, outcome: .dropped)
    let located = LocatedProblem(row: row, line: line, problem: problem)
    switch policy ?? self.policy {
    case .error: fatal.add(located)
    case .skip: skipped.add(located)
    }
  }

  /// The report, unless rows were refused that may not be, or none are left.
  consuming func close(kept: Int) throws(DatasetError) -> DatasetReport {
    for refusals in [fatal, kept == 0 ? skipped : Refusals()] where refusals.count > 0 {
      throw .malformed(
        path: report.path, count: refusals.count, of: report.rowsRead, first: refusals.first)
    }
    guard kept > 0 else { throw .noRows(path: report.path) }
    report.rowsKept = kept
    return report
  }
}

/// Finds rows that say the same as an earlier one.
private struct DuplicateFinder {
  /// The first row of each digest; two digests that meet by chance hide one duplicate, no more.
  private var first: [UInt64: Int] = [:]

  mutating func find(_ row: Row, at index: Int, among rows: [LocatedRow]) -> Int? {
    var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    for text in row.texts {
      for byte in text.utf8 { digest = (digest ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
      digest = (digest ^ 0xFF) &* 0x0000_0100_0000_01B3
    }
    guard let earlier = first[digest] else {
      first[digest] = index
      return nil
    }
    return rows[earlier].content.texts == row.texts ? earlier : nil
  }
}
