/// What `SentenceCounter` knows of English: Punkt's figures, of the most frequent words only.
///
/// Punkt knows the spelling of 20,000 words; they matter behind abbreviations and initials alone.
enum SentenceFigures {
  static let ends = Scalars(of: ".?!")
  static let punctuation = Scalars(of: ";:,.!?")
  static let number = Scalars(of: "##number##")
  /// What cannot stand within a word.
  static let nonWord = Set(Scalars(of: ")\";}]*:@'({[‘’“”«»?!"))
  /// What cannot begin a word.
  static let nonStart = Set(Scalars(of: "(\"`{[:;&#*@)}]-,"))
  /// What closes a sentence behind its full stop.
  static let closing = Set(Scalars(of: "\"')]}‘’“”«»"))

  /// A word before a full stop and one behind it that are one expression.
  static let collocations: Set<[Scalars]> = {
    let words = collocationList
    return Set(stride(from: 0, to: words.count - 1, by: 2).map { [words[$0], words[$0 + 1]] })
  }()

  /// Whether a word is known in lower case.
  static func isLowercased(_ word: Scalars) -> Bool {
    commonWords.contains(word) || ambiguousWords.contains(word)
  }

  static func wordList(_ list: String) -> [Scalars] {
    list.split(separator: " ").map { Scalars(of: String($0)) }
  }

  static func words(_ list: String) -> Set<Scalars> { Set(wordList(list)) }
}
