extension String {
  /// The text without what a terminal would act on: escape sequences and control characters.
  ///
  /// Names, rows and completions are other people's, and may hold anything. Line feeds and tabs stay
  /// where they are asked for.
  func printable(keepingLines: Bool = false) -> String {
    var result = String.UnicodeScalarView()
    var state = EscapeState.text
    for scalar in unicodeScalars {
      switch (state, scalar.value) {
      case (.text, 0x1B): state = .escape
      case (.text, 0x9B): state = .sequence
      case (.text, 0x0A), (.text, 0x09): result.append(keepingLines ? scalar : " ")
      case (.text, 0..<0x20), (.text, 0x7F..<0xA0): break
      // Marks that turn the direction of what follows can make a line read as another.
      case (.text, 0x202A...0x202E), (.text, 0x2066...0x2069): break
      case (.text, _): result.append(scalar)
      case (.escape, 0x5B): state = .sequence
      case (.escape, 0x5D), (.escape, 0x50), (.escape, 0x58), (.escape, 0x5E), (.escape, 0x5F):
        state = .string
      case (.escape, 0x20...0x2F): break
      case (.escape, _): state = .text
      case (.sequence, 0x40...0x7E): state = .text
      case (.sequence, _): break
      case (.string, 0x07), (.string, 0x9C): state = .text
      case (.string, 0x1B): state = .escape
      case (.string, _): break
      }
    }
    return String(result)
  }
}

private enum EscapeState {
  case text
  case escape
  /// `ESC [ … letter`.
  case sequence
  /// `ESC ] … BEL`: a title, a link.
  case string
}
