/// Where a key stands for the second time in its mapping: Yams knows only that one does.
struct DuplicateKey {
  private(set) var place = (line: 1, column: 1)

  init(_ name: String, in text: String) {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    var seen: Set<Int> = []
    for (number, line) in lines.enumerated() {
      let indent = line.prefix { $0 == " " }.count
      let rest = line.dropFirst(indent)
      guard let first = rest.first, first != "#" else { continue }
      // A line further out ends the mappings that are further in.
      seen = seen.filter { $0 <= indent }
      let columns = DuplicateKey.columns(of: name, in: line)
      if columns.first == indent, !seen.insert(indent).inserted {
        place = (number + 1, indent + 1)
        return
      }
      if columns.count > 1 {
        place = (number + 1, columns[1] + 1)
        return
      }
    }
  }

  /// The columns, from zero, at which `name:` begins as a word of its own.
  private static func columns(of name: String, in line: Substring) -> [Int] {
    let characters = Array(line)
    let wanted = Array(name)
    guard !wanted.isEmpty, characters.count > wanted.count else { return [] }
    return (0..<(characters.count - wanted.count)).filter { start in
      Array(characters[start..<(start + wanted.count)]) == wanted
        && characters[start + wanted.count] == ":"
        && (start == 0 || " \t{,".contains(characters[start - 1]))
    }
  }
}
