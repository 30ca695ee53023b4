/// Final answers: where they stand in a text, and when two of them are the same.
public enum MathAnswer {
  /// The answer in which a completion ends: the last `\boxed{…}` after the thinking, or what follows the last `####`.
  ///
  /// Nil if there is none, or if the thinking was never closed.
  public static func extracted(from completion: String) -> String? {
    guard let text = afterThinking(completion) else { return nil }
    return lastBoxed(text) ?? afterHashes(text)
  }

  /// A reference answer as data sets write it: plain, boxed, or at the end of a solution after `####`.
  public static func reference(_ answer: String) -> String {
    let text = Substring(answer)
    return afterHashes(text) ?? lastBoxed(text) ?? String(text.trimmed)
  }

  /// What follows the last `</think>`; all of a text that does not think; nil if the thinking does not end.
  static func afterThinking(_ text: String) -> Substring? {
    if let close = text.ranges(of: "</think>").last { return text[close.upperBound...] }
    return text.contains("<think>") ? nil : text[...]
  }

  /// The number in GSM8K's last line, `#### 42`.
  private static func afterHashes(_ text: Substring) -> String? {
    guard let mark = text.ranges(of: "####").last else { return nil }
    let line = text[mark.upperBound...].prefix { !$0.isNewline }.trimmed
    return line.isEmpty ? nil : String(line)
  }

  /// What the last `\boxed{…}` or `\fbox{…}` holds, its braces matched.
  static func lastBoxed(_ text: Substring) -> String? {
    let marks = text.ranges(of: "\\boxed").map(\.upperBound)
    guard let mark = marks.last ?? text.ranges(of: "\\fbox").last?.upperBound else { return nil }
    var rest = text[mark...]
    while rest.first == " " { rest.removeFirst() }
    guard rest.first == "{" else {
      // `\boxed 5` boxes one token in TeX; people mean the word.
      let word = rest.prefix { !$0.isWhitespace && $0 != "$" }
      return word.isEmpty ? nil : String(word)
    }
    var depth = 0
    var isEscaped = false
    for index in rest.indices {
      // `\{` is a sign that is shown, and may stand alone: `\left\{ … \right.`.
      if isEscaped || rest[index] == "\\" {
        isEscaped.toggle()
        continue
      }
      if rest[index] == "{" { depth += 1 }
      if rest[index] == "}" { depth -= 1 }
      if depth == 0 {
        return String(rest[rest.index(after: rest.startIndex)..<index].trimmed)
      }
    }
    return nil
  }

  /// The longest answers that are compared as mathematics, in characters; longer ones only as text.
  static let longest = 512

  /// Whether two answers are the same: as text in normal form, or else as mathematics.
  ///
  /// An answer that is a whole number must be given as a number: `2+2` is not an answer of 4, but a question.
  public static func areEquivalent(_ given: String, _ expected: String) -> Bool {
    guard given.utf8.count <= 8 * longest, expected.utf8.count <= 8 * longest else {
      return given == expected
    }
    let first = AnswerText(given)
    let second = AnswerText(expected)
    guard !first.text.isEmpty, !second.text.isEmpty else { return false }
    if first.canonical == second.canonical { return true }
    guard first.text.count <= longest, second.text.count <= longest else { return false }
    return AnswerStructure(first.text).matches(
      AnswerStructure(second.text),
      percent: Percentages(given: first.isPercentage, expected: second.isPercentage))
  }
}
