/// At least so many placeholders in square brackets, each within a line.
struct Placeholders: InstructionRule {
  private let count: Int

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    count = try arguments.number("num_placeholders")
  }

  func isFollowed(by response: Scalars) -> Bool {
    var found = 0
    var isOpen = false
    for scalar in response {
      switch scalar {
      case "[": isOpen = true
      case "\n": isOpen = false
      case "]" where isOpen:
        found += 1
        isOpen = false
      default: break
      }
    }
    return found >= count
  }
}

/// A postscript: its marker is somewhere, in any case.
struct Postscript: InstructionRule {
  private let pieces: [Piece]

  private enum Piece: Sendable {
    case scalar(Unicode.Scalar)
    case anyInLine
    case optionalSpace
  }

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    let marker = Array(try arguments.text("postscript_marker").stripped())
    func dotted(_ text: String) -> [Piece] {
      text.unicodeScalars.map { $0 == " " ? .optionalSpace : .scalar($0) }
    }
    switch String(String.UnicodeScalarView(marker)) {
    case "P.P.S": pieces = dotted("p. p. s")
    case "P.S.": pieces = dotted("p. s.")
    // The published program takes any other marker for a pattern, in which a dot stands for any scalar.
    default: pieces = marker.lowercased.map { $0 == "." ? .anyInLine : .scalar($0) }
    }
  }

  func isFollowed(by response: Scalars) -> Bool {
    let text = response.lowercased
    return text.indices.contains { matches(text, at: $0) }
  }

  private func matches(_ text: Scalars, at start: Int) -> Bool {
    var index = start
    for piece in pieces {
      let next = index < text.count ? text[index] : nil
      switch piece {
      case .optionalSpace: if next?.isPythonSpace == true { index += 1 }
      case .scalar(let wanted):
        guard next == wanted else { return false }
        index += 1
      case .anyInLine:
        guard let next, next != "\n" else { return false }
        index += 1
      }
    }
    return true
  }
}

/// The request stands at the beginning, word for word, in any case.
struct RepeatedPrompt: InstructionRule {
  private let prompt: Scalars

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    prompt = Array(try arguments.text("prompt_to_repeat").stripped()).lowercased
  }

  func isFollowed(by response: Scalars) -> Bool {
    response.stripped().lowercased.starts(with: prompt)
  }
}

/// A phrase stands at the end, in any case; quotation marks behind it do not matter.
struct EndPhrase: InstructionRule {
  private let phrase: Scalars

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    phrase = Array(try arguments.text("end_phrase").stripped()).lowercased
  }

  func isFollowed(by response: Scalars) -> Bool {
    let text = response.stripped().stripped { $0 == "\"" }.lowercased
    return text.suffix(phrase.count).elementsEqual(phrase)
  }
}

/// Two different answers with `******` between them.
struct TwoResponses: InstructionRule {
  func isFollowed(by response: Scalars) -> Bool {
    let parts = response.split(at: Scalars(of: "******"))
    let inner = parts.dropFirst().dropLast()
    guard !inner.contains(where: \.isBlank) else { return false }
    let filled = parts.filter { !$0.isBlank }
    return filled.count == 2 && !filled[0].stripped().elementsEqual(filled[1].stripped())
  }
}
