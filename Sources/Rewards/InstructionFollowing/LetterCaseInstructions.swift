/// Everything in English and in capitals.
struct EnglishCapitals: InstructionRule {
  func isFollowed(by response: Scalars) -> Bool {
    response.isUppercased && (LanguageDetector.language(of: response) ?? "en") == "en"
  }
}

/// Everything in English and without a capital.
struct EnglishLowercase: InstructionRule {
  func isFollowed(by response: Scalars) -> Bool {
    response.isLowercased && (LanguageDetector.language(of: response) ?? "en") == "en"
  }
}

/// Everything in one language; a text without a letter is in any, as in the published program.
struct ResponseLanguage: InstructionRule {
  private let language: String

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    language = String(String.UnicodeScalarView(try arguments.text("language")))
  }

  func isFollowed(by response: Scalars) -> Bool {
    (LanguageDetector.language(of: response) ?? language) == language
  }
}

/// So many words of capitals alone, as nltk's `word_tokenize` divides words.
struct CapitalWordCount: InstructionRule {
  private let frequency: Int
  private let relation: CountRelation

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    frequency = try arguments.number("capital_frequency")
    relation = try arguments.relation("capital_relation")
  }

  func isFollowed(by response: Scalars) -> Bool {
    relation.holds(EnglishWords.tokens(of: response).count { $0.isUppercased }, frequency)
  }
}
