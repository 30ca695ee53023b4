/// A value that an instruction names: `num_words: 300`, `keywords: [a, b]`.
public enum InstructionArgument: Sendable, Equatable {
  case number(Int)
  case text(String)
  case texts([String])
}

/// What makes an instruction unfit to be checked.
public enum InstructionProblem: Error, Sendable, Equatable, CustomStringConvertible {
  case unknown(id: String)
  case missing(id: String, argument: String, expected: String)

  public var description: String {
    switch self {
    case .unknown(let id):
      "\"\(id)\" is none of the \(Instruction.identifiers.count) instructions of IFEval"
    case .missing(let id, let argument, let expected):
      "\(id) has no \"\(argument)\", which is to be \(expected)"
    }
  }
}

/// One of the 25 verifiable instructions of IFEval (arXiv:2311.07911).
///
/// Verdicts are those of the program that was published with it, as lm-eval 0.4.13 runs it: where the paper's text and that
/// program differ, figures could be compared with nobody else's. Two things are not: an argument that is missing there is
/// drawn at random, and here it is an error; a letter that is none (`#`) is replaced at random, and here it is counted.
public struct Instruction: Sendable {
  /// `keywords:existence`.
  public let id: String
  private let rule: any InstructionRule

  public init(
    id: String, arguments: [String: InstructionArgument] = [:]
  ) throws(InstructionProblem) {
    guard let make = Instruction.table.first(where: { $0.id == id })?.make else {
      throw .unknown(id: id)
    }
    self.id = id
    rule = try make(InstructionArguments(id: id, values: arguments))
  }

  /// Every instruction there is.
  public static var identifiers: [String] { table.map(\.id) }

  /// Whether a response keeps to it; an empty one keeps to nothing.
  public func isFollowed(by response: String) -> Bool { isFollowed(by: Scalars(of: response)) }

  func isFollowed(by response: Scalars) -> Bool {
    !response.isBlank && rule.isFollowed(by: response)
  }

  private typealias Make =
    @Sendable (InstructionArguments) throws(InstructionProblem) ->
    any InstructionRule

  private static let table: [(id: String, make: Make)] = [
    ("keywords:existence", { a throws(InstructionProblem) in try KeywordsExist(a) }),
    ("keywords:frequency", { a throws(InstructionProblem) in try KeywordFrequency(a) }),
    ("keywords:forbidden_words", { a throws(InstructionProblem) in try ForbiddenWords(a) }),
    ("keywords:letter_frequency", { a throws(InstructionProblem) in try LetterFrequency(a) }),
    ("language:response_language", { a throws(InstructionProblem) in try ResponseLanguage(a) }),
    (
      "length_constraints:number_sentences",
      { a throws(InstructionProblem) in try SentenceCount(a) }
    ),
    (
      "length_constraints:number_paragraphs",
      { a throws(InstructionProblem) in try ParagraphCount(a) }
    ),
    ("length_constraints:number_words", { a throws(InstructionProblem) in try WordCount(a) }),
    (
      "length_constraints:nth_paragraph_first_word",
      { a throws(InstructionProblem) in try ParagraphFirstWord(a) }
    ),
    (
      "detectable_content:number_placeholders",
      { a throws(InstructionProblem) in try Placeholders(a) }
    ),
    ("detectable_content:postscript", { a throws(InstructionProblem) in try Postscript(a) }),
    (
      "detectable_format:number_bullet_lists",
      { a throws(InstructionProblem) in try BulletCount(a) }
    ),
    (
      "detectable_format:constrained_response",
      { _ throws(InstructionProblem) in ConstrainedResponse() }
    ),
    (
      "detectable_format:number_highlighted_sections",
      { a throws(InstructionProblem) in try HighlightedSections(a) }
    ),
    (
      "detectable_format:multiple_sections", { a throws(InstructionProblem) in try SectionCount(a) }
    ),
    ("detectable_format:json_format", { _ throws(InstructionProblem) in JSONResponse() }),
    ("detectable_format:title", { _ throws(InstructionProblem) in TitleExists() }),
    ("combination:two_responses", { _ throws(InstructionProblem) in TwoResponses() }),
    ("combination:repeat_prompt", { a throws(InstructionProblem) in try RepeatedPrompt(a) }),
    ("startend:end_checker", { a throws(InstructionProblem) in try EndPhrase(a) }),
    (
      "change_case:capital_word_frequency",
      { a throws(InstructionProblem) in try CapitalWordCount(a) }
    ),
    ("change_case:english_capital", { _ throws(InstructionProblem) in EnglishCapitals() }),
    ("change_case:english_lowercase", { _ throws(InstructionProblem) in EnglishLowercase() }),
    ("punctuation:no_comma", { _ throws(InstructionProblem) in NoComma() }),
    ("startend:quotation", { _ throws(InstructionProblem) in Quotation() }),
  ]
}

/// What a response keeps to, or not.
protocol InstructionRule: Sendable {
  /// `response` is not blank.
  func isFollowed(by response: Scalars) -> Bool
}

/// An instruction's arguments, and what is said when one is missing.
struct InstructionArguments {
  let id: String
  let values: [String: InstructionArgument]

  func number(_ name: String) throws(InstructionProblem) -> Int {
    guard case .number(let value) = values[name] else {
      throw .missing(id: id, argument: name, expected: "a whole number")
    }
    return value
  }

  func text(_ name: String) throws(InstructionProblem) -> Scalars {
    guard case .text(let value) = values[name], !value.isEmpty else {
      throw .missing(id: id, argument: name, expected: "a text")
    }
    return Scalars(of: value)
  }

  func texts(_ name: String) throws(InstructionProblem) -> [Scalars] {
    guard case .texts(let values) = values[name], !values.isEmpty else {
      throw .missing(id: id, argument: name, expected: "a list of texts")
    }
    return values.map { Scalars(of: $0) }
  }

  func relation(_ name: String) throws(InstructionProblem) -> CountRelation {
    guard case .text(let text) = values[name], let relation = CountRelation(rawValue: text) else {
      throw .missing(id: id, argument: name, expected: "\"less than\" or \"at least\"")
    }
    return relation
  }
}

/// How a count is held against a number.
enum CountRelation: String, Sendable {
  case lessThan = "less than"
  case atLeast = "at least"

  func holds(_ count: Int, _ limit: Int) -> Bool {
    switch self {
    case .lessThan: count < limit
    case .atLeast: count >= limit
    }
  }
}
