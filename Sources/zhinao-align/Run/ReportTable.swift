import Artifacts

/// The tables and the sentences of an evaluation's `report.md`, for a terminal.
enum ReportTable {
  /// Nothing where there is no report, or one that cannot be read.
  static func lines(folder: String, width: Int) -> [String] {
    guard let bytes = try? Files.read("\(folder)/report.md", limit: 1 << 20) else { return [] }
    return lines(String(decoding: bytes, as: UTF8.self), width: width)
  }

  static func lines(_ markdown: String, width: Int) -> [String] {
    var lines: [String] = []
    var rows: [[String]] = []
    func table() -> [String] {
      guard let header = rows.first else { return [] }
      var table = Table(header, rightAligned: Set(header.indices.dropFirst()))
      table.rows = Array(rows.dropFirst())
      return table.lines(foldedTo: width) + [""]
    }
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("|") {
        if !line.hasPrefix("|---") { rows.append(cells(line)) }
        continue
      }
      lines += table()
      rows = []
      // The first heading says no more than the stage's name does.
      if line.hasPrefix("## ") { lines.append(String(line.dropFirst(3)).printable()) }
      guard !line.hasPrefix("#"), !line.isEmpty else { continue }
      lines += String(line).printable().wrapped(to: max(40, width - 1))
    }
    return lines + table()
  }

  private static func cells(_ line: Substring) -> [String] {
    line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map {
      String($0).trimmed
    }
  }
}

extension String {
  /// Without spaces at either end.
  fileprivate var trimmed: String {
    var rest = self[...]
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }
}
