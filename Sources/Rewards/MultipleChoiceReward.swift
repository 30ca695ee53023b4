/// 1 if the choice that the completion ends in is the right one, otherwise 0.
///
/// A choice is one letter: in the last `\boxed{…}`, behind the last "answer is", "answer:" or 答案, or all that there is besides
/// brackets and points. The reference is a letter, too.
public struct MultipleChoiceReward: Reward {
  public let name = "multiple_choice"

  public init() {}

  public func score(_ sample: Sample) -> Double {
    guard let answer = sample.answer, let right = Self.letter(answer[...]),
      let text = MathAnswer.afterThinking(sample.completion)
    else { return 0 }
    return Self.choice(in: text) == right ? 1 : 0
  }

  /// The letter that a text decides on.
  static func choice(in text: Substring) -> Character? {
    if let boxed = MathAnswer.lastBoxed(text) {
      return letter(AnswerText(boxed).text[...])
    }
    for mark in ["nswer is", "nswer:", "答案是", "答案为", "答案：", "答案:"] {
      guard let place = text.ranges(of: mark).last else { continue }
      let rest = text[place.upperBound...].drop { $0.isWhitespace || $0 == ":" || $0 == "：" }
      let word = rest.prefix { !$0.isWhitespace && $0 != "," && $0 != ":" && $0 != "，" }
      if let letter = letter(word) { return letter }
    }
    return letter(text.trimmed)
  }

  /// A letter by itself, but for marks around it, as a capital.
  private static func letter(_ text: Substring) -> Character? {
    let marks: Set<Character> = ["(", ")", ".", "*", "[", "]", "。", "（", "）", ":", "\"", "'", " "]
    let kept = text.prefix(32).filter { !marks.contains($0) }
    guard kept.count == 1, text.count < 32, let letter = kept.first, letter.isASCII,
      letter.isLetter
    else { return nil }
    return Character(letter.uppercased())
  }
}
