/// How often a language has groups of one, two and three letters.
struct LanguageProfile: Sendable {
  /// ISO 639-1, for Chinese with the script: `en`, `zh-cn`.
  let code: String
  /// Groups with the natural logarithm of their frequency among groups of the same length.
  let frequencies: [(gram: Scalars, logarithm: Double)]

  /// Reads a table: pieces of a level (two digits: −4 times the logarithm), a length (a digit) and groups of that length.
  ///
  /// `_` is the space at a word's edge.
  init(_ code: String, _ table: String) {
    self.code = code
    var frequencies: [(gram: Scalars, logarithm: Double)] = []
    for piece in table.unicodeScalars.split(separator: "|") {
      let scalars = piece.map { $0 == "_" ? " " : $0 }
      let digits = scalars.prefix(3).map { Int($0.value) - 0x30 }
      guard digits.count == 3, (1...3).contains(digits[2]) else { continue }
      let size = digits[2]
      for start in stride(from: 3, to: scalars.count - size + 1, by: size) {
        frequencies.append(
          (Array(scalars[start..<start + size]), -Double(digits[0] * 10 + digits[1]) / 4))
      }
    }
    self.frequencies = frequencies
  }

  /// Every language that can be told.
  static let all = romanceGermanic + otherLatin + otherScripts
}
