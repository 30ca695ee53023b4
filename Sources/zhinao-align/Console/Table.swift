/// Rows in columns, for a terminal.
struct Table {
  var header: [String]
  /// Columns of numbers, which stand right.
  var rightAligned: Set<Int> = []
  var rows: [[String]] = []

  init(_ header: [String], rightAligned: Set<Int> = []) {
    self.header = header
    self.rightAligned = rightAligned
  }

  private var cells: [[String]] { ([header] + rows).map { $0.map { $0.printable() } } }

  private func widths(_ cells: [[String]]) -> [Int] {
    header.indices.map { column in
      cells.reduce(0) { max($0, $1.indices.contains(column) ? $1[column].columns : 0) }
    }
  }

  /// The same with the last column in several lines where it is too long for the terminal.
  func lines(wrappedTo width: Int) -> [String] {
    let before = widths(cells).dropLast().reduce(1) { $0 + $1 + 2 }
    var table = self
    table.rows = rows.flatMap { row -> [[String]] in
      guard let last = row.last else { return [row] }
      let parts = last.printable().wrappedAtCommas(to: max(24, width - before - 1))
      let empty = Array(repeating: "", count: row.count - 1)
      return parts.enumerated().map { index, part in
        (index == 0 ? Array(row.dropLast()) : empty) + [part]
      }
    }
    return table.lines
  }

  /// The same in several blocks of columns, each behind the first column, where it is too wide.
  func lines(foldedTo width: Int) -> [String] {
    let widths = widths(cells)
    var lines: [String] = []
    var start = 1
    while start < header.count {
      var end = start
      var used = 1 + (widths.first ?? 0)
      while end < header.count, end == start || used + 2 + widths[end] < width {
        used += 2 + widths[end]
        end += 1
      }
      let columns = [0] + Array(start..<end)
      var block = Table(
        columns.map { header[$0] },
        rightAligned: Set(columns.indices.filter { rightAligned.contains(columns[$0]) }))
      block.rows = rows.map { row in
        columns.map { row.indices.contains($0) ? row[$0] : "" }
      }
      lines += (lines.isEmpty ? [] : [""]) + block.lines
      start = end
    }
    return lines
  }

  /// Lines of text; nothing in them can move a terminal's cursor.
  var lines: [String] {
    let cells = cells
    let widths = widths(cells)
    return cells.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let isRight = rightAligned.contains(column)
        let isLast = column == row.count - 1
        line += column == 0 ? " " : "  "
        line +=
          isRight
          ? cell.padded(rightAlignedTo: widths[column])
          : isLast ? cell : cell.padded(to: widths[column])
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }

  var text: String { lines.joined(separator: "\n") }
}
