/// The little of Markdown that our own reports use: headings, tables, paragraphs.
struct MarkdownExcerpt {
  let text: String

  var markup: [Markup] {
    var result: [Markup] = []
    var rows: [[String]] = []
    func endTable() {
      if let header = rows.first { result.append(table(header, Array(rows.dropFirst()))) }
      rows = []
    }
    for line in text.split(separator: "\n") {
      if line.hasPrefix("|") {
        if !line.hasPrefix("|---") { rows.append(cells(line)) }
        continue
      }
      endTable()
      let heading = line.drop { $0 == "#" }
      let level = line.count - heading.count
      result.append(
        level > 0
          ? .tag("h\(min(6, level + 2))", [:], trimmed(heading)) : .tag("p", [:], String(line)))
    }
    endTable()
    return result
  }

  private func table(_ header: [String], _ rows: [[String]]) -> Markup {
    .tag(
      "table", [:],
      [.tag("tr", [:], header.map { .tag("th", [:], $0) })]
        + rows.map { row in .tag("tr", [:], row.map { .tag("td", [:], $0) }) })
  }

  private func cells(_ line: Substring) -> [String] {
    line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
      .map(trimmed)
  }

  private func trimmed(_ text: Substring) -> String {
    var rest = text.drop { $0 == " " }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }
}
