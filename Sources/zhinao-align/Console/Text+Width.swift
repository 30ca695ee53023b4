extension String {
  /// How many columns of a terminal the text takes.
  var columns: Int { reduce(0) { $0 + $1.columns } }

  /// The beginning that fits, with an ellipsis where something is left out.
  func fitted(to width: Int) -> String {
    guard columns > width else { return self }
    var result = ""
    var used = 0
    for character in self {
      let columns = character.columns
      guard used + columns <= width - 1 else { break }
      used += columns
      result.append(character)
    }
    return width > 0 ? result + "…" : ""
  }

  /// The text in lines that fit, broken at spaces; a word that is longer stands alone.
  func wrapped(to width: Int) -> [String] {
    String.lines(split(separator: " ").map(String.init), width)
  }

  /// The same, broken behind commas and semicolons alone where that is enough.
  func wrappedAtCommas(to width: Int) -> [String] {
    var parts: [String] = []
    for word in split(separator: " ") {
      let isNew = parts.last.map { $0.hasSuffix(",") || $0.hasSuffix(";") } ?? true
      if isNew { parts.append(String(word)) } else { parts[parts.count - 1] += " " + word }
    }
    return String.lines(
      parts.flatMap { $0.columns <= width ? [$0] : $0.wrapped(to: width) }, width)
  }

  private static func lines(_ parts: [String], _ width: Int) -> [String] {
    var lines: [String] = [parts.first ?? ""]
    for part in parts.dropFirst() {
      if lines[lines.count - 1].columns + 1 + part.columns > width {
        lines.append(part)
      } else {
        lines[lines.count - 1] += " " + part
      }
    }
    return lines
  }

  /// The text with spaces behind it up to a width.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - columns))
  }

  /// The text with spaces before it up to a width.
  func padded(rightAlignedTo width: Int) -> String {
    String(repeating: " ", count: max(0, width - columns)) + self
  }
}

extension Character {
  /// Two for what East Asian fonts draw wide and for emoji, none for what only marks its neighbour.
  var columns: Int {
    guard let first = unicodeScalars.first else { return 0 }
    if first.properties.isEmojiPresentation { return 2 }
    if unicodeScalars.contains(where: { $0.value == 0xFE0F }) { return 2 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .control, .format: return 0
    default: return Character.isWide(first.value) ? 2 : 1
    }
  }

  /// The wide and fullwidth ranges of UAX #11.
  private static func isWide(_ value: UInt32) -> Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xA000...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
