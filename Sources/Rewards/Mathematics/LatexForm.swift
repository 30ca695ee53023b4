/// LaTeX in one of the ways in which it can be written: braces around arguments and nowhere else, no spaces that TeX does not need, lower case.
///
/// `\frac12`, `\frac{1}2` and `{\frac{1}{2}}` show the same and are the same here; `\frac{1}{66}3` and `\frac{1}{663}` do not, and
/// are not. In one thing people are taken at their word and not at TeX's: `x^10` is x to the tenth. Where braces do not match, or are
/// nested more than 32 deep, they stay as they are.
struct LatexForm {
  private(set) var text = ""
  private let characters: [Character]
  private var position = 0

  init(_ latex: String) {
    characters = Array(latex)
    let form = sequence(depth: 0)
    let isWhole = form != nil && position == characters.count
    let shown = isWhole ? form ?? "" : latex.filter { !$0.isWhitespace }
    text = shown.filter { $0 != "*" }.lowercased()
  }

  private var next: Character? {
    position < characters.count ? characters[position] : nil
  }

  private mutating func skipSpaces() {
    while next?.isWhitespace == true { position += 1 }
  }

  /// All up to a closing brace or the end; nil where it cannot be read.
  private mutating func sequence(depth: Int) -> String? {
    guard depth <= 32 else { return nil }
    var form = ""
    var isBehindName = false
    while let next, next != "}" {
      if next.isWhitespace {
        // Two numbers side by side are not one: `1 1/2` is not `11/2`.
        let isBehindNumber = form.last.map(Self.isOfNumber) == true
        skipSpaces()
        if isBehindNumber, self.next.map(Self.isOfNumber) == true { form += " " }
      } else if next == "^" || next == "_" {
        position += 1
        guard let argument = script(depth: depth) else { return nil }
        form += "\(next){\(argument)}"
        isBehindName = false
      } else {
        let start = position
        guard let item = item(depth: depth) else { return nil }
        // `\pi r` is not `\pir`.
        if isBehindName, item.first?.isLetter == true { form += " " }
        isBehindName =
          item.isEmpty ? isBehindName : characters[start] == "\\" && item.last?.isLetter == true
        form += item
      }
    }
    return form
  }

  private static func isOfNumber(_ character: Character) -> Bool {
    character.isNumber || character == "."
  }

  /// A group without its braces, a command with its arguments, or a character.
  private mutating func item(depth: Int) -> String? {
    guard let next else { return "" }
    if next == "{" { return group(depth: depth) }
    guard next == "\\" else {
      position += 1
      return String(next)
    }
    let name = command()
    var form = name
    if name == "\\sqrt" { form += order() }
    for _ in 0..<(LatexForm.arities[name] ?? 0) {
      guard let argument = argument(depth: depth) else { return nil }
      form += "{\(argument)}"
    }
    return form
  }

  /// `[3]` of `\sqrt[3]{2}`.
  private mutating func order() -> String {
    skipSpaces()
    guard next == "[", let close = characters[position...].firstIndex(of: "]") else { return "" }
    defer { position = close + 1 }
    return characters[position...close].filter { !$0.isWhitespace }.map { String($0) }.joined()
  }

  /// What commands are written over, under or around.
  private static let arities = [
    "\\frac": 2, "\\binom": 2, "\\sqrt": 1, "\\overline": 1, "\\mathbb": 1, "\\mathcal": 1,
    "\\hat": 1, "\\vec": 1, "\\bar": 1,
  ]

  /// A backslash with letters, or with one other character.
  private mutating func command() -> String {
    var name = "\\"
    position += 1
    while let next, next.isLetter, next.isASCII {
      name.append(next)
      position += 1
    }
    if name.count == 1, let next {
      name.append(next)
      position += 1
    }
    return name
  }

  private mutating func group(depth: Int) -> String? {
    position += 1
    guard let inside = sequence(depth: depth + 1), next == "}" else { return nil }
    position += 1
    return inside
  }

  /// What a command takes: a group, a character, or a command.
  private mutating func argument(depth: Int) -> String? {
    skipSpaces()
    guard next != "}" else { return "" }
    return depth <= 32 ? item(depth: depth + 1) : nil
  }

  /// What stands above or below: as `argument`, but digits side by side are one number.
  private mutating func script(depth: Int) -> String? {
    skipSpaces()
    var digits = ""
    while let next, next.isNumber {
      digits.append(next)
      position += 1
    }
    return digits.isEmpty ? argument(depth: depth) : digits
  }
}
