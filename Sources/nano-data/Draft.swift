/// An answer as one of many annotators might write it.
struct Draft: Sendable, Equatable {
  /// What the answer says about the fact.
  enum Content: Sendable { case right, mistaken, evasive }

  var content: Content
  var inUsersLanguage = true
  var isWholeSentence = true
  var hasMore = false
  var hasClose = false
  /// How often the sentence is said again without need.
  var repetitions = 0

  /// The quality rule, the only thing that decides which answer of a pair is chosen: right +3 and
  /// mistaken −3, the user's language +3, a whole sentence +1, a reason or example +1, a courteous
  /// close +1, every needless repetition −3.
  var quality: Int {
    let contentPoints = [Content.right: 3, .mistaken: -3, .evasive: 0][content] ?? 0
    return contentPoints + (inUsersLanguage ? 3 : 0) + (isWholeSentence ? 1 : 0) + (hasMore ? 1 : 0)
      + (hasClose ? 1 : 0) - 3 * repetitions
  }

  func text(for question: Question, draw: inout Draw) -> String {
    let fact = question.fact
    let language = inUsersLanguage ? question.language : question.language.other
    var parts: [String]
    switch content {
    case .right: parts = [isWholeSentence ? fact.sentence[language] : fact.short[language]]
    case .mistaken: parts = [fact.mistake[language]]
    case .evasive: parts = [draw.pick(Draft.evasions)[language]]
    }
    parts += Array(repeating: parts[0], count: repetitions)
    if hasMore { parts.append(fact.more[language]) }
    if hasClose { parts.append(draw.pick(Draft.closes)[language]) }
    return parts.joined(separator: language == .english ? " " : "")
  }

  static let closes = [
    Bilingual("I hope this helps!", "希望对你有帮助！"), Bilingual("Ask me any time!", "欢迎随时提问！"),
    Bilingual("Have a nice day!", "祝你愉快！"),
  ]

  private static let evasions = [
    Bilingual("I do not know.", "我不知道。"), Bilingual("That is hard to say.", "这很难说。"),
    Bilingual("Please ask someone else.", "请问别人吧。"),
  ]

  /// How annotators of the nano world write, with how many in a hundred do so.
  ///
  /// Most are sound, few are at their best, and some get it wrong: the mixture that preference
  /// learning sorts.
  static let styles: [(Draft, Int)] = [
    (Draft(content: .right, hasMore: true, hasClose: true), 12),
    (Draft(content: .right, hasMore: true), 11),
    (Draft(content: .right, hasClose: true), 11),
    (Draft(content: .right), 18),
    (Draft(content: .right, isWholeSentence: false), 14),
    (Draft(content: .right, inUsersLanguage: false), 6),
    (Draft(content: .right, inUsersLanguage: false, hasMore: true, hasClose: true), 4),
    (Draft(content: .right, repetitions: 1), 5),
    (Draft(content: .right, hasClose: true, repetitions: 2), 3),
    (Draft(content: .mistaken), 4),
    (Draft(content: .mistaken, hasMore: true, hasClose: true), 2),
    (Draft(content: .evasive), 6),
    (Draft(content: .evasive, hasClose: true), 4),
  ]
}
