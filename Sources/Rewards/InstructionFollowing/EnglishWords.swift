/// English words as nltk's `word_tokenize` divides them, as far as it matters to which of them are in capitals.
///
/// The rules are those of the Penn Treebank tokenizer (R. MacIntyre, 1995) with nltk's changes: punctuation stands apart, a hyphen
/// within a word does not divide it, `I'LL` and `CANNOT` are two words.
enum EnglishWords {
  static func tokens(of text: Scalars) -> [Scalars] {
    var tokens: [Scalars] = []
    for piece in spaced(text).split(whereSeparator: \.isPythonSpace) {
      tokens += clitics(Array(piece))
    }
    return tokens.flatMap(contractions)
  }

  private static let apart = Set(Scalars(of: "«“‘„`»”’;@#$%&‒–—―?!*[]()<>{}\""))

  /// With spaces where punctuation divides.
  private static func spaced(_ text: Scalars) -> Scalars {
    var result: Scalars = []
    result.reserveCapacity(text.count)
    for (index, scalar) in text.enumerated() {
      let next = index + 1 < text.count ? text[index + 1] : nil
      let before = index > 0 ? text[index - 1] : nil
      let isRun =
        (scalar == "." || scalar == "-" || scalar == "'") && (next == scalar || before == scalar)
      if apart.contains(scalar) || isRun {
        result.append(" ")
      } else if scalar == ":" || scalar == "," {
        result.append(next?.isPythonDigit == true ? scalar : " ")
      } else {
        result.append(scalar)
      }
    }
    return result
  }

  private static let endings = ["'s", "'m", "'d", "'ll", "'re", "'ve", "n't"].map {
    Scalars(of: $0)
  }

  /// `IT'S` is `IT` and `'S`; a full stop behind it does not matter.
  private static func clitics(_ word: Scalars) -> [Scalars] {
    let bare = word.last == "." ? word.dropLast() : word
    for ending in endings
    where bare.count > ending.count && bare.suffix(ending.count).caseFolded == ending {
      let stem = bare.dropLast(ending.count)
      let tail = bare.suffix(ending.count)
      guard stem.last != "'", ending.count == 2 || tail.isUppercased || tail.isLowercased else {
        continue
      }
      return [Array(stem), Array(tail)]
    }
    return [word]
  }

  private static let pairs = [
    ("can", "not"), ("d", "'ye"), ("gim", "me"), ("gon", "na"), ("got", "ta"), ("lem", "me"),
    ("more", "'n"), ("wan", "na"), ("'t", "is"), ("'t", "was"),
  ].map { (Scalars(of: $0), Scalars(of: $1)) }

  private static func contractions(_ word: Scalars) -> [Scalars] {
    let folded = word.caseFolded
    for (first, second) in pairs {
      for place in folded.places(of: first + second) {
        let end = place + first.count + second.count
        let begins = first.first == "'" ? place == 0 : folded.isWordBoundary(at: place)
        guard begins, folded.isWordBoundary(at: end) else { continue }
        let middle = place + first.count
        let parts: [ArraySlice<Unicode.Scalar>] = [
          word[..<place], word[place..<middle], word[middle..<end], word[end...],
        ]
        return parts.filter { !$0.isEmpty }.map { Array($0) }
      }
    }
    return [word]
  }
}
