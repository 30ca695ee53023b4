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

  /// Lines of text; nothing in them can move a terminal's cursor.
  var lines: [String] {
    let cells = ([header] + rows).map { $0.map { $0.printable() } }
    let widths = header.indices.map { column in
      cells.reduce(0) { max($0, $1.indices.contains(column) ? $1[column].columns : 0) }
    }
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
