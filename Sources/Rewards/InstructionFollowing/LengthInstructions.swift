/// So many sentences, as nltk's Punkt counts them.
struct SentenceCount: InstructionRule {
  private let count: Int
  private let relation: CountRelation

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    count = try arguments.number("num_sentences")
    relation = try arguments.relation("relation")
  }

  func isFollowed(by response: Scalars) -> Bool {
    relation.holds(SentenceCounter(response).count, count)
  }
}

/// So many words: runs of word characters.
///
/// A combining mark is none, so that a word of Hindi counts for several, as in the published program.
struct WordCount: InstructionRule {
  private let count: Int
  private let relation: CountRelation

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    count = try arguments.number("num_words")
    relation = try arguments.relation("relation")
  }

  func isFollowed(by response: Scalars) -> Bool {
    let words = response.indices.count { index in
      response[index].isPythonWord && (index == 0 || !response[index - 1].isPythonWord)
    }
    return relation.holds(words, count)
  }
}

/// So many paragraphs with `***` between them, none of them empty but before the first and after the last.
struct ParagraphCount: InstructionRule {
  private let count: Int

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    count = try arguments.number("num_paragraphs")
  }

  func isFollowed(by response: Scalars) -> Bool {
    let paragraphs = response.split(at: Scalars(of: "***"))
    var filled = paragraphs.count
    for (index, paragraph) in paragraphs.enumerated() where paragraph.isBlank {
      guard index == 0 || index == paragraphs.count - 1 else { return false }
      filled -= 1
    }
    return filled == count
  }
}

/// So many paragraphs with an empty line between them, of which one begins with a word.
struct ParagraphFirstWord: InstructionRule {
  private let count: Int
  private let place: Int
  private let word: Scalars

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    count = try arguments.number("num_paragraphs")
    place = try arguments.number("nth_paragraph")
    word = try arguments.text("first_word").lowercased
  }

  func isFollowed(by response: Scalars) -> Bool {
    let paragraphs = response.split(at: Scalars(of: "\n\n"))
    let filled = paragraphs.count { !$0.isBlank }
    // Counted among all, empty ones too, as in the published program.
    guard place >= 1, place <= filled, filled == count else { return false }
    let first = paragraphs[place - 1].stripped().prefix { !$0.isPythonSpace }
    let bare = first.drop { $0 == "'" }.drop { $0 == "\"" }
    return bare.prefix { !ParagraphFirstWord.ends.contains($0) }.lowercased == word
  }

  private static let ends = Scalars(of: ".,?!'\"")
}
