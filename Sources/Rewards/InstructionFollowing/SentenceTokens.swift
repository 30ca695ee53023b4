/// The tokens around a mark that may end a sentence, and what Punkt makes of them.
struct SentenceTokens {
  private struct Token {
    let text: Scalars
    /// In lower case; any number is `##number##`.
    let type: Scalars
    var breaks = false
    var isAbbreviation = false
    var isEllipsis = false

    init(_ text: Scalars) {
      self.text = text
      type = Token.isNumber(text) ? SentenceFigures.number : text.lowercased
    }

    var endsInPeriod: Bool { text.last == "." }
    var withoutPeriod: Scalars { type.count > 1 && type.last == "." ? type.dropLast() : type }
    /// Without the full stop that ends a sentence.
    var word: Scalars { breaks ? withoutPeriod : type }
    /// One letter and a full stop.
    var isInitial: Bool { text.count == 2 && text[0].isPythonLetter && text[1] == "." }
    var isUpper: Bool { text.first?.properties.isUppercase == true }
    var isLower: Bool { text.first?.properties.isLowercase == true }

    /// `-?[.,]?\d[\d,.-]*`.
    private static func isNumber(_ text: Scalars) -> Bool {
      var rest = text[...]
      if rest.first == "-" { rest = rest.dropFirst() }
      if rest.first == "." || rest.first == "," { rest = rest.dropFirst() }
      guard rest.first?.isPythonDigit == true else { return false }
      return rest.allSatisfy { $0.isPythonDigit || $0 == "," || $0 == "." || $0 == "-" }
    }
  }

  private var tokens: [Token] = []

  init(_ context: ArraySlice<Unicode.Scalar>) {
    for line in context.split(separator: "\n") where !line.isBlank {
      tokens += SentenceTokens.words(Array(line)).map { Token($0) }
    }
    for index in tokens.indices { annotate(&tokens[index]) }
    for index in tokens.indices.dropLast() { reconsider(&tokens[index], before: tokens[index + 1]) }
  }

  /// Whether a sentence ends among them and something follows.
  var holdBreak: Bool { tokens.dropLast().contains(where: \.breaks) }

  /// From the token alone.
  private func annotate(_ token: inout Token) {
    let text = token.text
    if text.count == 1, SentenceFigures.ends.contains(text[0]) {
      token.breaks = true
    } else if text.count > 1, text.allSatisfy({ $0 == "." }) {
      token.isEllipsis = true
    } else if token.endsInPeriod, !text.dropLast().hasSuffix(".") {
      let word = text.dropLast().lowercased
      let last = word.split(separator: "-", omittingEmptySubsequences: false).last.map(Array.init)
      token.isAbbreviation =
        SentenceFigures.abbreviations.contains(word)
        || SentenceFigures.abbreviations.contains(last ?? word)
      token.breaks = !token.isAbbreviation
    }
  }

  /// From the next token too: sections 4.1 to 4.3 of the paper.
  private func reconsider(_ token: inout Token, before next: Token) {
    guard token.endsInPeriod else { return }
    if SentenceFigures.collocations.contains([token.withoutPeriod, next.word]) {
      token.breaks = false
      token.isAbbreviation = true
      return
    }
    let begins = SentenceTokens.beginsSentence(next)
    if token.isAbbreviation || token.isEllipsis, !token.isInitial,
      begins == true || (next.isUpper && SentenceFigures.starters.contains(next.word))
    {
      token.breaks = true
      return
    }
    guard token.isInitial || token.withoutPeriod == SentenceFigures.number else { return }
    let isName = token.isInitial && next.isUpper && !SentenceFigures.isLowercased(next.word)
    if begins == false || (begins == nil && isName) {
      token.breaks = false
      token.isAbbreviation = true
    }
  }

  /// Whether spelling says that a token begins a sentence; nil where it does not say.
  private static func beginsSentence(_ token: Token) -> Bool? {
    if token.text.count == 1, SentenceFigures.punctuation.contains(token.text[0]) { return false }
    if token.isUpper, SentenceFigures.commonWords.contains(token.word) { return true }
    // Almost no word begins a sentence in lower case in the corpus that Punkt's figures are from.
    return token.isLower ? false : nil
  }

  /// Words with the full stops in them, and punctuation apart.
  private static func words(_ line: Scalars) -> [Scalars] {
    var words: [Scalars] = []
    var index = 0
    while index < line.count {
      guard !line[index].isPythonSpace else {
        index += 1
        continue
      }
      var end = punctuationEnd(line, at: index) ?? index + 1
      if end == index + 1, !SentenceFigures.nonStart.contains(line[index]) {
        while !isWordEnd(line, at: end) { end += 1 }
      }
      words.append(Array(line[index..<end]))
      index = end
    }
    return words
  }

  private static func isWordEnd(_ line: Scalars, at index: Int) -> Bool {
    func ends(_ index: Int) -> Bool {
      index >= line.count || line[index].isPythonSpace
        || SentenceFigures.nonWord.contains(line[index])
        || punctuationEnd(line, at: index) != nil
    }
    return ends(index) || (line[index] == "," && ends(index + 1))
  }

  /// The end of dashes, of dots, or of dots with spaces between them, that begin here.
  private static func punctuationEnd(_ line: Scalars, at index: Int) -> Int? {
    for mark in ["-", "."] as Scalars where line[index] == mark {
      let end = line[index...].firstIndex { $0 != mark } ?? line.count
      if end > index + 1 { return end }
    }
    var end = index
    var count = 0
    while line.has(["."], at: end), end + 1 < line.count, line[end + 1].isPythonSpace {
      end += 2
      count += 1
    }
    // `(\.\s){2,}\.`: the last one needs no space behind it.
    if line.has(["."], at: end), count >= 2 { return end + 1 }
    return count >= 3 ? end - 1 : nil
  }
}

extension ArraySlice<Unicode.Scalar> {
  fileprivate func hasSuffix(_ scalar: Unicode.Scalar) -> Bool { last == scalar }
}
