/// Text as Unicode scalars, under the rules of Python's `str` and `re`.
///
/// The published verifiers count code points, not the grapheme clusters of Swift's `Character`: with those,
/// a word of Devanagari has another length and a line end may be hidden behind a carriage return.
typealias Scalars = [Unicode.Scalar]

extension Unicode.Scalar {
  /// White space as `str.isspace` has it.
  var isPythonSpace: Bool {
    (0x1C...0x1F).contains(value) || properties.isWhitespace
  }

  /// A word character, `\w`: a letter, a number or `_`, but no combining mark.
  var isPythonWord: Bool {
    if isASCII { return self == "_" || isASCIIAlphanumeric }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber, .letterNumber, .otherNumber:
      return true
    default: return false
    }
  }

  /// A letter or `_`, `[^\W\d]`.
  var isPythonLetter: Bool { isPythonWord && !isPythonDigit }

  /// A decimal digit of any script, `\d`.
  var isPythonDigit: Bool { properties.generalCategory == .decimalNumber }

  private var isASCIIAlphanumeric: Bool {
    ("a"..."z").contains(self) || ("A"..."Z").contains(self) || ("0"..."9").contains(self)
  }
}

extension Collection<Unicode.Scalar> {
  /// As `str.lower`: full mapping, so that the count of scalars may change.
  var lowercased: Scalars {
    flatMap {
      $0.isASCII ? [$0.asciiLowercased] : Array($0.properties.lowercaseMapping.unicodeScalars)
    }
  }

  /// One scalar for each, for comparing without regard to case.
  var caseFolded: Scalars {
    map { scalar in
      if scalar.isASCII { return scalar.asciiLowercased }
      let lower = scalar.properties.lowercaseMapping.unicodeScalars
      return lower.count == 1 ? lower.first ?? scalar : scalar
    }
  }

  /// As `str.isupper`: a cased letter at least, and none that is not a capital.
  var isUppercased: Bool { isCased(\.isUppercase, not: \.isLowercase) }

  /// As `str.islower`.
  var isLowercased: Bool { isCased(\.isLowercase, not: \.isUppercase) }

  private func isCased(
    _ wanted: KeyPath<Unicode.Scalar.Properties, Bool>,
    not other: KeyPath<Unicode.Scalar.Properties, Bool>
  ) -> Bool {
    var isFound = false
    for scalar in self {
      let properties = scalar.properties
      if properties[keyPath: other] || properties.generalCategory == .titlecaseLetter {
        return false
      }
      if properties[keyPath: wanted] { isFound = true }
    }
    return isFound
  }

  var isBlank: Bool { allSatisfy(\.isPythonSpace) }
}

extension BidirectionalCollection<Unicode.Scalar> {
  /// As `str.strip`, by default of white space.
  func stripped(of isStripped: (Unicode.Scalar) -> Bool = \.isPythonSpace) -> SubSequence {
    var rest = self[...]
    while let first = rest.first, isStripped(first) { rest = rest.dropFirst() }
    while let last = rest.last, isStripped(last) { rest = rest.dropLast() }
    return rest
  }
}

extension Scalars {
  init(of text: String) { self = Array(text.unicodeScalars) }

  /// Whether `part` stands at `index`.
  func has(_ part: Scalars, at index: Int) -> Bool {
    index >= 0 && index + part.count <= count
      && self[index..<index + part.count].elementsEqual(part)
  }

  /// Where `part` begins, from the left, without overlaps; nowhere if it is empty.
  func places(of part: Scalars) -> [Int] {
    guard let first = part.first else { return [] }
    var places: [Int] = []
    var index = 0
    while index + part.count <= count {
      if self[index] == first, has(part, at: index) {
        places.append(index)
        index += part.count
      } else {
        index += 1
      }
    }
    return places
  }

  /// As `str.split` with a separator: empty parts stay.
  func split(at separator: Scalars) -> [Scalars] {
    var parts: [Scalars] = []
    var start = 0
    for place in places(of: separator) {
      parts.append(Array(self[start..<place]))
      start = place + separator.count
    }
    return parts + [Array(self[start...])]
  }

  /// The first index from `index` on whose scalar is no white space.
  func afterSpaces(from index: Int) -> Int {
    var index = index
    while index < count, self[index].isPythonSpace { index += 1 }
    return index
  }

  /// Whether a word begins or ends before this index, `\b`.
  func isWordBoundary(at index: Int) -> Bool {
    let before = index > 0 && self[index - 1].isPythonWord
    let after = index < count && self[index].isPythonWord
    return before != after
  }
}

extension Unicode.Scalar {
  fileprivate var asciiLowercased: Unicode.Scalar {
    ("A"..."Z").contains(self) ? Unicode.Scalar(UInt8(value) + 32) : self
  }
}
