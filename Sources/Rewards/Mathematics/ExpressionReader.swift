/// Reads the LaTeX and plain notation in which answers are written.
///
/// Sums, products (also by standing side by side), quotients, powers, `\frac`, `\sqrt`, mixed numbers, π, letters. Everything
/// else (functions, inequalities, words) is unreadable, and is then compared as text. Nesting is at most 32 deep.
struct ExpressionReader {
  private let characters: [Character]
  private var position = 0
  private var depth = 0

  static func read(_ text: String) throws(ExpressionError) -> RationalExpression {
    guard text.count <= MathAnswer.longest else { throw .tooLarge }
    var reader = ExpressionReader(characters: Array(text))
    let value = try reader.sum()
    reader.skipSpaces()
    guard reader.position == reader.characters.count else { throw .unreadable }
    return value
  }

  private init(characters: [Character]) {
    self.characters = characters
  }

  private var next: Character? {
    position < characters.count ? characters[position] : nil
  }

  private mutating func skipSpaces() {
    while next == " " { position += 1 }
  }

  private mutating func take(_ text: String) -> Bool {
    let wanted = Array(text)
    guard characters[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  private mutating func sum() throws(ExpressionError) -> RationalExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 32 else { throw .tooLarge }
    var value = try signedProduct()
    skipSpaces()
    while next == "+" || next == "-" {
      value = try value.adding(signedProduct())
      skipSpaces()
    }
    return value
  }

  /// A product behind any number of signs: `--3` is 3.
  private mutating func signedProduct() throws(ExpressionError) -> RationalExpression {
    var isNegative = false
    skipSpaces()
    while next == "+" || next == "-" {
      if take("-") { isNegative.toggle() } else { _ = take("+") }
      skipSpaces()
    }
    let value = try product()
    return isNegative ? try RationalExpression(0).subtracting(value) : value
  }

  private mutating func product() throws(ExpressionError) -> RationalExpression {
    var value = try power()
    while true {
      skipSpaces()
      if take("*") {
        value = try value.multiplied(by: signedFactor())
      } else if take("/") {
        value = try value.divided(by: signedFactor())
      } else if let next,
        next == "(" || next == "{" || next == "\\" || next.isLetter
          || next.isNumber
      {
        value = try value.multiplied(by: power())
      } else {
        return value
      }
    }
  }

  private mutating func signedFactor() throws(ExpressionError) -> RationalExpression {
    skipSpaces()
    guard take("-") else { return try power() }
    return try RationalExpression(0).subtracting(power())
  }

  private mutating func power() throws(ExpressionError) -> RationalExpression {
    let base = try atom()
    skipSpaces()
    guard take("^") else { return base }
    skipSpaces()
    // TeX raises one digit only; people who write `2^10` mean 1024.
    return try base.raised(to: next?.asciiDigit == nil ? argument() : number())
  }

  /// What a command takes: a group in braces, or one digit, letter or command.
  private mutating func argument() throws(ExpressionError) -> RationalExpression {
    skipSpaces()
    guard let next else { throw .unreadable }
    if let digit = next.asciiDigit {
      position += 1
      return RationalExpression(digit)
    }
    if take("-") { return try RationalExpression(0).subtracting(argument()) }
    return try atom()
  }

  private mutating func atom() throws(ExpressionError) -> RationalExpression {
    skipSpaces()
    guard let next else { throw .unreadable }
    for (open, close) in [("(", ")"), ("{", "}")] where take(open) {
      let value = try sum()
      skipSpaces()
      guard take(close) else { throw .unreadable }
      return value
    }
    if next.asciiDigit != nil || next == "." { return try numberOrMixed() }
    if take("\\frac") { return try argument().divided(by: argument()) }
    if take("\\sqrt") || take("sqrt") { return try root() }
    if take("\\pi") || take("pi") { return RationalExpression(Polynomial(named: "π")) }
    if take("\\theta") { return RationalExpression(Polynomial(named: "θ")) }
    if take("\\alpha") { return RationalExpression(Polynomial(named: "α")) }
    guard next.isLetter else { throw .unreadable }
    position += 1
    // Two letters side by side are a product, three a word.
    if let second = self.next, second.isLetter, position + 1 < characters.count,
      characters[position + 1].isLetter
    {
      throw .unreadable
    }
    return RationalExpression(Polynomial(named: String(next) + subscriptName()))
  }

  private mutating func root() throws(ExpressionError) -> RationalExpression {
    skipSpaces()
    guard take("[") else { return try argument().squareRoot() }
    guard let order = next?.asciiDigit else { throw .unreadable }
    position += 1
    guard take("]") else { throw .unreadable }
    return try order == 2 ? argument().squareRoot() : argument().root(order)
  }

  /// A decimal number; before a fraction of whole numbers it is mixed: `3\frac{1}{2}` and `3 1/2` are 3.5.
  private mutating func numberOrMixed() throws(ExpressionError) -> RationalExpression {
    let whole = try number()
    let name = subscriptName()
    if !name.isEmpty, let value = whole.number {
      return RationalExpression(Polynomial(named: "\(value.numerator)/\(value.denominator)\(name)"))
    }
    if whole.number?.denominator == 1, let part = wholeFraction() {
      return try whole.adding(part)
    }
    skipSpaces()
    // `13 4` is neither 134 nor 52.
    guard next?.asciiDigit == nil else { throw .unreadable }
    return whole
  }

  /// `\frac{1}{2}` or ` 1/2` right here, read only if both are whole numbers and the fraction is proper.
  private mutating func wholeFraction() -> RationalExpression? {
    let start = position
    skipSpaces()
    var fraction: RationalExpression?
    if take("\\frac") {
      if let above = try? argument(), let below = try? argument(), above.number != nil {
        fraction = try? above.divided(by: below)
      }
    } else if position > start, next?.asciiDigit != nil, let above = try? number(), take("/"),
      next?.asciiDigit != nil, let below = try? number()
    {
      fraction = try? above.divided(by: below)
    }
    if let value = fraction?.number, value.denominator > 1, value.numerator > 0,
      value.numerator < value.denominator
    {
      return fraction
    }
    position = start
    return nil
  }

  /// Digits with at most one point, at most 30 of them.
  private mutating func number() throws(ExpressionError) -> RationalExpression {
    var digits: Int128 = 0
    var scale: Int128 = 1
    var count = 0
    var isFraction = false
    while let next {
      if let digit = next.asciiDigit {
        guard count < 30 else { throw .tooLarge }
        digits = digits * 10 + Int128(digit)
        if isFraction { scale *= 10 }
        count += 1
      } else if next == ".", !isFraction {
        isFraction = true
      } else {
        break
      }
      position += 1
    }
    guard count > 0 else { throw .unreadable }
    return RationalExpression(Polynomial(try RationalNumber(digits, over: scale)))
  }

  /// `_8`, `_{10}`: part of a name, or the base of a numeral.
  private mutating func subscriptName() -> String {
    guard next == "_" else { return "" }
    let start = position
    position += 1
    let isGroup = take("{")
    var name = ""
    while let next, next.isLetter || next.isNumber, isGroup || name.isEmpty || next.isNumber {
      name.append(next)
      position += 1
    }
    guard !name.isEmpty, !isGroup || take("}") else {
      position = start
      return ""
    }
    return "_\(name)"
  }
}

extension Character {
  /// The value of 0…9.
  fileprivate var asciiDigit: Int? {
    guard let value = asciiValue, value >= 48, value <= 57 else { return nil }
    return Int(value) - 48
  }
}
