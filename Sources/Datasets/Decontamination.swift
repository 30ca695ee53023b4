/// Finds rows that ask what a benchmark asks, by Light-R1's two tests (arXiv:2503.10460, its
/// repository's `decontaminate`).
///
/// A question is contaminated if it is in a named set letter for letter; if it is once everything but
/// letters is taken out, so that other numbers in the same words count as the same; or if it shares
/// a run of 32 words with one. Words are what white space parts, so the last test says nothing of
/// Chinese. A question of symbols and numbers alone leaves no letters and is only compared as it is.
public struct Decontamination: Sendable {
  public enum Rule: String, Sendable, Equatable {
    case exact
    case letters
    case words
  }

  /// What a row was found in.
  public struct Match: Sendable, Equatable {
    public var set: String
    /// Counted from one.
    public var row: Int
    public var rule: Rule
  }

  private struct Place {
    var set: String
    var row: Int
    var words: [String]
  }

  private let runLength: Int
  private var places: [Place] = []
  private var exact: [String: Int] = [:]
  private var letters: [String: Int] = [:]
  /// By a run's hash: the place and the word at which it begins.
  private var runs: [UInt64: (place: Int, start: Int)] = [:]

  /// `runLength` is how many words in a row are one too many.
  public init(runLength: Int = 32) {
    precondition(runLength > 0, "a run of \(runLength) words is in every text")
    self.runLength = runLength
  }

  /// Takes a named set's questions.
  public mutating func add(_ rows: [LocatedRow], set: String) {
    for row in rows {
      for question in row.content.questions { add(question, set: set, row: row.row) }
    }
  }

  private mutating func add(_ question: String, set: String, row: Int) {
    let index = places.count
    let words = Decontamination.words(question)
    places.append(Place(set: set, row: row, words: words))
    if exact[question] == nil { exact[question] = index }
    let stripped = Decontamination.letters(of: question)
    if !stripped.isEmpty, letters[stripped] == nil { letters[stripped] = index }
    for (start, hash) in hashes(words).enumerated() where runs[hash] == nil {
      runs[hash] = (index, start)
    }
  }

  /// The first thing in the sets that a row asks, too.
  public func match(_ row: Row) -> Match? {
    for question in row.questions {
      if let place = exact[question] { return match(place, .exact) }
      let stripped = Decontamination.letters(of: question)
      if !stripped.isEmpty, let place = letters[stripped] { return match(place, .letters) }
      let words = Decontamination.words(question)
      for (start, hash) in hashes(words).enumerated() {
        guard let run = runs[hash] else { continue }
        let known = places[run.place].words[run.start..<run.start + runLength]
        if known == words[start..<start + runLength] { return match(run.place, .words) }
      }
    }
    return nil
  }

  private func match(_ place: Int, _ rule: Rule) -> Match {
    Match(set: places[place].set, row: places[place].row, rule: rule)
  }

  /// Letters in lower case: Python's `\w` without `\d`.
  static func letters(of text: String) -> String {
    var kept = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where isLetter(scalar) { kept.append(scalar) }
    return String(kept).lowercased()
  }

  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .letterNumber, .otherNumber:
      true
    default: scalar == "_"
    }
  }

  private static func words(_ text: String) -> [String] {
    text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
  }

  /// The hash of each run of words, in order: a polynomial over the words' own hashes.
  private func hashes(_ words: [String]) -> [UInt64] {
    guard words.count >= runLength else { return [] }
    let base: UInt64 = 0x9E37_79B9_7F4A_7C15
    let own = words.map { word in
      word.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
    let highest = (0..<runLength).reduce(1) { power, _ in power &* base }
    var hash = own[..<runLength].reduce(0) { $0 &* base &+ $1 }
    var hashes = [hash]
    for end in runLength..<words.count {
      hash = hash &* base &+ own[end] &- highest &* own[end - runLength]
      hashes.append(hash)
    }
    return hashes
  }
}
