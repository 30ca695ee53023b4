/// Every keyword is somewhere, in any case, also within another word.
struct KeywordsExist: InstructionRule {
  private let keywords: [Scalars]

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    keywords = try arguments.texts("keywords").map(\.caseFolded)
  }

  func isFollowed(by response: Scalars) -> Bool {
    let text = response.caseFolded
    return keywords.allSatisfy { !text.places(of: $0).isEmpty }
  }
}

/// A keyword is there so many times, in any case, also within another word.
struct KeywordFrequency: InstructionRule {
  private let keyword: Scalars
  private let frequency: Int
  private let relation: CountRelation

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    keyword = Array(try arguments.text("keyword").stripped()).caseFolded
    frequency = try arguments.number("frequency")
    relation = try arguments.relation("relation")
  }

  func isFollowed(by response: Scalars) -> Bool {
    relation.holds(response.caseFolded.places(of: keyword).count, frequency)
  }
}

/// None of these words is there as a word of its own.
struct ForbiddenWords: InstructionRule {
  private let words: [Scalars]

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    words = try arguments.texts("forbidden_words").map(\.caseFolded)
  }

  func isFollowed(by response: Scalars) -> Bool {
    let text = response.caseFolded
    return !words.contains { word in
      text.indices.contains { index in
        text[index] == word.first && text.has(word, at: index) && text.isWordBoundary(at: index)
          && text.isWordBoundary(at: index + word.count)
      }
    }
  }
}

/// A letter is there so many times, in any case.
struct LetterFrequency: InstructionRule {
  private let letter: Scalars
  private let frequency: Int
  private let relation: CountRelation

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    letter = Array(try arguments.text("letter").stripped()).lowercased
    frequency = try arguments.number("let_frequency")
    relation = try arguments.relation("let_relation")
  }

  func isFollowed(by response: Scalars) -> Bool {
    relation.holds(response.lowercased.places(of: letter).count, frequency)
  }
}
