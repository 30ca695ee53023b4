import Artifacts

/// The table and the sentences of an evaluation's `report.md`, for a terminal.
enum ReportTable {
  /// Nothing where there is no report, or one that cannot be read.
  static func lines(folder: String, width: Int) -> [String] {
    guard let bytes = try? Files.read("\(folder)/report.md", limit: 1 << 20) else { return [] }
    return lines(String(decoding: bytes, as: UTF8.self), width: width)
  }

  static func lines(_ markdown: String, width: Int) -> [String] {
    let source = markdown.split(separator: "\n").filter { !$0.hasPrefix("#") }
    let rows = source.filter { $0.hasPrefix("|") && !$0.hasPrefix("|---") }.map(cells)
    guard let header = rows.first else { return [] }
    var table = Table(header, rightAligned: Set(header.indices.dropFirst()))
    table.rows = Array(rows.dropFirst())
    let sentences = source.filter { !$0.hasPrefix("|") }
    return table.lines(foldedTo: width) + [""]
      + sentences.flatMap { String($0).printable().wrapped(to: max(40, width - 1)) }
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
