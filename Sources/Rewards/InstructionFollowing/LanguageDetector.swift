import Glibc

/// Tells a text's language by its letters: naive Bayes over groups of one to three letters.
///
/// After N. Shuyo's language-detection (2010), which the published verifiers use as langdetect: the same cleaning, the same groups,
/// the same smoothing, the same frequencies (without the rarest groups). That program draws groups at random until it is sure;
/// here all of them count, so that a verdict is always the same.
enum LanguageDetector {
  /// Added to every frequency: α / 10,000 with α = ½.
  private static let smoothing = 0.5e-4
  private static let longest = 10_000

  /// The likeliest language's code; nil for a text without a letter of any.
  static func language(of text: Scalars) -> String? {
    let grams = LetterGroups.groups(of: cleaned(text.prefix(longest)))
    var scores = [Double](repeating: 0, count: LanguageProfile.all.count)
    var count = 0
    for gram in grams {
      guard let gains = gains[gram] else { continue }
      count += 1
      for (language, gain) in gains { scores[language] += gain }
    }
    guard count > 0, let best = scores.max(), let index = scores.firstIndex(of: best) else {
      return nil
    }
    return LanguageProfile.all[index].code
  }

  /// By group: languages that have it, and how much likelier it makes each than one that has it not.
  private static let gains: [UInt64: [(language: Int, gain: Double)]] = {
    var gains: [UInt64: [(language: Int, gain: Double)]] = [:]
    for (index, profile) in LanguageProfile.all.enumerated() {
      for (gram, logarithm) in profile.frequencies {
        gains[LetterGroups.key(gram[...]), default: []].append(
          (index, log1p(exp(logarithm) / smoothing)))
      }
    }
    return gains
  }()

  static func knows(_ gram: ArraySlice<Unicode.Scalar>) -> Bool {
    gains[LetterGroups.key(gram)] != nil
  }

  /// Without addresses; without Latin letters where they are less than a third.
  private static func cleaned(_ text: Scalars.SubSequence) -> Scalars {
    let text = withoutAddresses(Array(text))
    func isLatin(_ scalar: Unicode.Scalar) -> Bool { ("A"..."z").contains(scalar) }
    let latin = text.count(where: isLatin)
    let other = text.count { $0.value >= 0x300 && !(0x1E00...0x1EFF).contains($0.value) }
    return 2 * latin < other ? text.filter { !isLatin($0) } : text
  }

  private static func withoutAddresses(_ text: Scalars) -> Scalars {
    var result: Scalars = []
    var index = 0
    while index < text.count {
      let start = ["https://", "http://"].map { Scalars(of: $0) }.first { text.has($0, at: index) }
      if let start {
        result.append(" ")
        index += start.count
        while index < text.count, isAddress(text[index]) { index += 1 }
      } else {
        result.append(text[index])
        index += 1
      }
    }
    return result
  }

  private static func isAddress(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII
      && (scalar.properties.isAlphabetic || scalar.isPythonDigit
        || Scalars(of: "-_.?&~;+=/#").contains(scalar))
  }
}

/// A text's groups of one to three letters.
enum LetterGroups {
  /// A group as a number: 21 bits a letter.
  static func key(_ gram: ArraySlice<Unicode.Scalar>) -> UInt64 {
    gram.reduce(0) { $0 << 21 | UInt64($1.value) }
  }

  /// The groups that end at each letter; none where a word goes on in capitals.
  static func groups(of text: Scalars) -> [UInt64] {
    var groups: [UInt64] = []
    var gram: Scalars = [" "]
    var isInCapitals = false
    for scalar in text {
      let letter = normalized(scalar)
      let last = gram[gram.count - 1]
      if last == " " {
        gram = [" "]
        isInCapitals = false
        if letter == " " { continue }
      } else if gram.count >= 3 {
        gram.removeFirst()
      }
      gram.append(letter)
      let isCapital = letter.properties.isUppercase
      isInCapitals = isCapital && (isInCapitals || last.properties.isUppercase)
      guard !isInCapitals else { continue }
      for size in 1...gram.count where size > 1 || letter != " " {
        groups.append(key(gram.suffix(size)))
      }
    }
    return groups
  }

  /// Letters that stand for a whole script, and a space for what is no letter.
  private static func normalized(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0..<0x80: return scalar.properties.isAlphabetic ? scalar : " "
    case 0xA0, 0xAB, 0xB0, 0xBB, 0x2000...0x206F: return " "
    case 0x219: return "\u{15F}"
    case 0x21B: return "\u{163}"
    case 0x6CC: return "\u{64A}"
    case 0x1EA0...0x1EFF: return "\u{1EC3}"
    case 0x3040...0x309F: return "\u{3042}"
    case 0x30A0...0x30FF: return "\u{30A2}"
    case 0x3100...0x312F, 0x31A0...0x31BF: return "\u{3105}"
    // Of rare signs it is known that they are Chinese or Japanese, no more.
    case 0x4E00...0x9FFF: return LanguageDetector.knows([scalar]) ? scalar : "中"
    case 0xAC00...0xD7AF: return "\u{AC00}"
    default: return scalar
    }
  }
}
