/// What kind of thing an answer is: a value, several of them in order or not, an interval, a matrix, an equation.
indirect enum AnswerStructure {
  /// An expression, nil if it could not be read; its text in normal form then is all that counts.
  case value(form: String, expression: RationalExpression?, isLiteral: Bool)
  /// Coordinates or an interval: the brackets and the order matter.
  case tuple(open: Character, [AnswerStructure], close: Character)
  /// A set, solutions joined by commas, or a union: the order does not matter.
  case set([AnswerStructure])
  case matrix([[AnswerStructure]])
  case equation(AnswerStructure, AnswerStructure)

  init(_ text: String) {
    self.init(text[...], depth: 0)
  }

  private init(_ whole: Substring, depth: Int) {
    let text = whole.trimmed
    func parts(_ mark: Character) -> [AnswerStructure] {
      Self.split(text, at: mark).map { AnswerStructure($0, depth: depth + 1) }
    }
    guard depth < 8 else {
      self = .value(form: AnswerText(String(text)).canonical, expression: nil, isLiteral: false)
      return
    }
    if let rows = Self.matrixRows(text) {
      self = .matrix(rows.map { $0.map { AnswerStructure($0, depth: depth + 1) } })
    } else if Self.split(text, at: "∪").count > 1 {
      self = .set(parts("∪"))
    } else if Self.split(text, at: ",").count > 1 {
      self = .set(parts(","))
    } else if text.hasPrefix("\\{"), text.hasSuffix("\\}") {
      self = Self.asSet(AnswerStructure(text.dropFirst(2).dropLast(2), depth: depth + 1))
    } else if let (open, inside, close) = Self.bracketed(text) {
      let elements = Self.split(inside, at: ",").map { AnswerStructure($0, depth: depth + 1) }
      self = .tuple(open: open, elements, close: close)
    } else if Self.split(text, at: "=").count == 2 {
      let sides = parts("=")
      self = .equation(sides[0], sides[1])
    } else if let mark = text.firstRange(of: "\\pm"), text.ranges(of: "\\pm").count <= 3 {
      self = .set(
        ["+", "-"].map { sign in
          let one = text[..<mark.lowerBound] + sign + text[mark.upperBound...]
          return AnswerStructure(one[...], depth: depth + 1)
        })
    } else {
      let expression = try? ExpressionReader.read(String(text))
      let isLiteral = text.count <= 64 && text.wholeMatch(of: Self.literal) != nil
      self = .value(
        form: AnswerText(String(text)).canonical, expression: expression, isLiteral: isLiteral)
    }
  }

  /// A number as written: whole, decimal, a fraction of such, or mixed; percent signs are gone by now.
  nonisolated(unsafe) private static let literal =
    /[-+]*\s*(\d*\.?\d+|\d+\.?)(\s*\/\s*\d+)?|[-+]?\s*\d*\s*\\frac\s*(\d|\{\s*-?\d+\s*\})\s*(\d|\{\s*\d+\s*\})|[-+]?\d+\s+\d+\/\d+/

  private static func asSet(_ inside: AnswerStructure) -> AnswerStructure {
    if case .set = inside { return inside }
    return .set([inside])
  }

  /// Splits where no bracket is open.
  private static func split(_ text: Substring, at mark: Character) -> [Substring] {
    var depth = 0
    var parts: [Substring] = []
    var start = text.startIndex
    for index in text.indices {
      switch text[index] {
      case "(", "[", "{": depth += 1
      case ")", "]", "}": depth -= 1
      case mark where depth == 0:
        parts.append(text[start..<index])
        start = text.index(after: index)
      default: break
      }
    }
    parts.append(text[start...])
    return parts
  }

  /// `(a, b)`, `[a, b)` and the like, if the first bracket closes at the end and there is a comma between.
  private static func bracketed(
    _ text: Substring
  ) -> (open: Character, inside: Substring, close: Character)? {
    guard text.count > 2, let open = text.first, open == "(" || open == "[", let close = text.last,
      close == ")" || close == "]"
    else { return nil }
    let inside = text.dropFirst().dropLast()
    guard split(inside, at: ",").count > 1 else { return nil }
    return (open, inside, close)
  }

  nonisolated(unsafe) private static let matrix =
    /\\begin\s*\{[pbvB]?matrix\}(.*)\\end\s*\{[pbvB]?matrix\}/

  private static func matrixRows(_ text: Substring) -> [[Substring]]? {
    guard text.hasPrefix("\\begin"), let match = text.wholeMatch(of: matrix) else { return nil }
    return match.1.split(separator: "⏎").map { $0.split(separator: "&").map(\.trimmed) }
      .filter { $0 != [""] }
  }
}
