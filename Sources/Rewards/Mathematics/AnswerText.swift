/// An answer as text without what does not matter: markup, units, a name before `=`.
///
/// Joins the two normal forms of the MATH and the PRM800K graders: their differences only ever split equal answers.
struct AnswerText {
  /// LaTeX that the expression reader can take.
  private(set) var text: String
  private(set) var isPercentage = false

  /// For comparing letter by letter: what TeX shows, without spaces and in lower case.
  var canonical: String { LatexForm(text).text }

  init(_ answer: String) {
    text = answer.replacing("\n", with: " ")
    // Two backslashes end a matrix's row; anywhere else somebody escaped once too often.
    text = text.replacing("\\\\", with: text.contains("matrix") ? "⏎" : "\\")
    Self.plainMarks.replace(in: &text)
    isPercentage = text.contains("%") || text.lowercased().contains("percent")
    unwrapText()
    if text.contains("%") { text = text.replacing(Self.percentage, with: "") }
    dropUnits()
    dropName()
    text = String(text[...].trimmed)
    while text.hasSuffix(".") { text.removeLast() }
    dropBrackets()
    joinThousands()
  }

  /// Drops round brackets around the whole of something that is no list: `(43)` is 43, `(1, 2)` a point.
  private mutating func dropBrackets() {
    for _ in 0..<8 {
      guard text.hasPrefix("("), text.hasSuffix(")") else { return }
      var depth = 0
      for character in text.dropLast() {
        if character == "(" { depth += 1 }
        if character == ")" { depth -= 1 }
        // Closed before the end, the first bracket is not the last one's.
        guard depth > 0, !(depth == 1 && (character == "," || character == ";")) else { return }
      }
      text = String(text.dropFirst().dropLast()[...].trimmed)
    }
  }

  /// Not between digits: `81%6` is nothing.
  nonisolated(unsafe) private static let percentage = /%(?!\d)/

  /// In this order: longer marks before those they begin with.
  private static let plainMarks = TextReplacements([
    ("==", "="), ("\\!", ""), ("\\,", " "), ("\\;", " "), ("\\:", " "), ("\\ ", " "), ("~", " "),
    ("\\left", ""), ("\\right", ""), ("\\bigl", ""), ("\\bigr", ""), ("\\displaystyle", ""),
    ("\\dfrac", "\\frac"), ("\\tfrac", "\\frac"), ("\\cfrac", "\\frac"), ("\\approx", ""),
    ("^{\\circ}", ""), ("^\\circ", ""), ("\\degree", ""), ("°", ""), ("\\$", ""), ("$", ""),
    ("\\%", "%"), ("\\cdot", "*"), ("\\times", "*"), ("×", "*"), ("·", "*"), ("\\div", "/"),
    ("÷", "/"), ("−", "-"), ("–", "-"), ("π", "\\pi "), ("∞", "\\infty "), ("√", "\\sqrt"),
    ("\\textbf", "\\text"), ("\\textnormal", "\\text"), ("\\textrm", "\\text"),
    ("\\mbox", "\\text"), ("\\mathrm", "\\text"), ("\\mathbf", "\\text"), ("\\leq", "\\le"),
    ("\\geq", "\\ge"), ("\\lbrace", "\\{"), ("\\rbrace", "\\}"), ("\\cup", "∪"),
    ("\\infty", "∞"), ("{,}", ","), ("(+∞", "(∞"), ("+∞", "∞"),
  ])

  /// Words in `\text{…}` are an answer if there is nothing else, a comma if they say "and" or "or", and otherwise a unit.
  private mutating func unwrapText() {
    var rest = text[...]
    var outside = ""
    var inside = ""
    while let mark = rest.firstRange(of: "\\text") {
      outside += rest[..<mark.lowerBound]
      rest = rest[mark.upperBound...].trimmed
      guard rest.first == "{", let close = rest.firstIndex(of: "}") else { break }
      let words = rest[rest.index(after: rest.startIndex)..<close]
      inside += words
      let joins = words.contains("and") || words.contains("or ") || words.contains(",")
      outside += joins && outside[...].trimmed.last != "," ? "," : " "
      rest = rest[rest.index(after: close)...]
      for power in ["^2", "^3", "^{2}", "^{3}"] where rest.hasPrefix(power) {
        rest = rest.dropFirst(power.count)
      }
    }
    outside += rest
    let hasAnswer = outside.contains { $0.isNumber || $0.isLetter || $0 == "∞" }
    // A sign belongs to what it stands before, even if that is a word.
    let sign = outside.contains("-") ? "-" : ""
    text = hasAnswer ? outside : sign + inside
    for word in [", and ", ", or ", " and ", " or "] where hasAnswer {
      text = text.replacing(word, with: ", ")
    }
  }

  /// Drops words behind a number: `18 dollars`, `5 cm`, `20 miles per hour`.
  private mutating func dropUnits() {
    var words = text.split(separator: " ")
    guard words.count > 1, words[0].contains(where: \.isNumber) else { return }
    while words.count > 1, let last = words.last, Self.isUnit(last),
      words[words.count - 2].last.map({ !"+-*/=^".contains($0) }) == true
    {
      words.removeLast()
    }
    text = words.joined(separator: " ")
  }

  private static func isUnit(_ word: Substring) -> Bool {
    let name = word.prefix { $0.isLetter || $0 == "." }
    let rest = word[name.endIndex...]
    return (name.count > 2 || units.contains(name)) && ["", "^2", "^3"].contains(rest)
  }

  /// Units of one or two letters; two letters may also be a product.
  private static let units: Set<Substring> = [
    "m", "g", "s", "L", "l", "h", "cm", "mm", "km", "kg", "mg", "ml", "mL", "ft", "in", "yd",
    "lb", "oz", "hr", "am", "pm", "AM", "PM",
  ]

  /// Drops `x =` and `x \in` before a value, where the name has at most two letters, and `=` alone.
  private mutating func dropName() {
    for mark in ["=", "\\in"] {
      let parts = text.split(separator: mark, maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[1].contains("=") else { continue }
      let name = parts[0].trimmed
      let isAlone = name.isEmpty && mark == "="
      if isAlone || (name.count <= 2 && name.first?.isLetter == true) { text = String(parts[1]) }
    }
  }

  nonisolated(unsafe) private static let thousands =
    /[-+]?\d{1,3}((,\s?\d{3})+|(\s\d{3})+)(\.\d+)?/

  /// Reads `1,234,567` and `1 234 567` as one number, not as three.
  private mutating func joinThousands() {
    guard text.contains(where: { $0 == "," || $0 == " " }),
      text.wholeMatch(of: Self.thousands) != nil
    else { return }
    text = text.filter { $0 != "," && $0 != " " }
  }
}
