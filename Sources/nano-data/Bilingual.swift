/// The two languages of the nano world.
enum Language: CaseIterable, Sendable {
  case english, chinese

  var other: Language { self == .english ? .chinese : .english }
}

/// The same text in both languages.
struct Bilingual: Sendable, Equatable {
  var english: String
  var chinese: String

  init(_ english: String, _ chinese: String) {
    self.english = english
    self.chinese = chinese
  }

  subscript(language: Language) -> String {
    language == .english ? english : chinese
  }
}

extension String {
  /// The text with its first letter in upper case, as a sentence begins.
  var sentenceCased: String {
    guard let first else { return self }
    return first.uppercased() + dropFirst()
  }

  /// "an" before a vowel, "a" before anything else.
  var withArticle: String {
    guard let first else { return self }
    return ("aeiou".contains(first) ? "an " : "a ") + self
  }

  /// Every `{name}` of a template replaced by its value, in the order given.
  func filled(_ values: KeyValuePairs<String, String>) -> String {
    var text = self
    for (name, value) in values {
      let parts = text.split(separator: "{\(name)}", omittingEmptySubsequences: false)
      text = parts.joined(separator: value)
    }
    return text
  }
}
