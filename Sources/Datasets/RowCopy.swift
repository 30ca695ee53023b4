internal import JSON

/// Rows of a file as they were written, for stages that choose among them.
public enum RowCopy {
  /// The rows of these numbers (ascending, from one), a line each.
  ///
  /// What stands on one line is kept letter for letter, every field and every digit.
  public static func lines(of path: String, rows: [Int]) throws(DatasetError) -> [[UInt8]] {
    var scanner = try RowScanner(path: path)
    var wanted = rows[...]
    var lines: [[UInt8]] = []
    while let next = wanted.first, let raw = try scanner.next() {
      guard raw.row == next else { continue }
      wanted.removeFirst()
      lines.append(line(raw.bytes))
    }
    return lines
  }

  private static func line(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes[...]
    while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
    guard bytes.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return Array(bytes) }
    // Line feeds stand only between a row's parts: within its texts they are escaped.
    guard let json = try? JSON(parsing: Array(bytes)) else {
      return bytes.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
    }
    return Array(json.serialized(.compact).utf8)
  }
}
