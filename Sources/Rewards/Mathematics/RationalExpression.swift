/// A quotient of polynomials: what an answer may be as mathematics.
struct RationalExpression {
  let numerator: Polynomial
  let denominator: Polynomial

  init(_ whole: Int) {
    self.init(Polynomial(RationalNumber(whole)))
  }

  init(_ numerator: Polynomial) {
    self.numerator = numerator
    denominator = Polynomial(RationalNumber(1))
  }

  private init(_ numerator: Polynomial, over denominator: Polynomial) throws(ExpressionError) {
    guard !denominator.terms.isEmpty else { throw .divisionByZero }
    // A numerical denominator goes into the coefficients: it keeps sums small.
    if let number = denominator.number {
      let inverse = try RationalNumber(number.denominator, over: number.numerator)
      self.numerator = try numerator.multiplied(by: Polynomial(inverse))
      self.denominator = Polynomial(RationalNumber(1))
    } else {
      self.numerator = numerator
      self.denominator = denominator
    }
  }

  /// The number that this is, if it is nothing but a number.
  var number: RationalNumber? {
    denominator.number == RationalNumber(1) ? numerator.number : nil
  }

  func isWhole() throws(ExpressionError) -> Bool {
    number?.denominator == 1
  }

  /// a/b = c/d if ad − bc is the polynomial of no terms.
  func equals(_ other: Self) throws(ExpressionError) -> Bool {
    try subtracting(other).numerator.terms.isEmpty
  }

  func adding(_ other: Self) throws(ExpressionError) -> Self {
    if denominator == other.denominator {
      return try Self(numerator.adding(other.numerator), over: denominator)
    }
    return try Self(
      numerator.multiplied(by: other.denominator).adding(
        other.numerator.multiplied(by: denominator)),
      over: denominator.multiplied(by: other.denominator))
  }

  func subtracting(_ other: Self) throws(ExpressionError) -> Self {
    try adding(other.multiplied(by: Self(-1)))
  }

  func multiplied(by other: Self) throws(ExpressionError) -> Self {
    try Self(
      numerator.multiplied(by: other.numerator),
      over: denominator.multiplied(by: other.denominator))
  }

  func divided(by other: Self) throws(ExpressionError) -> Self {
    try Self(
      numerator.multiplied(by: other.denominator),
      over: denominator.multiplied(by: other.numerator))
  }

  /// This to a power: whole powers up to 64 are multiplied out, ½ is a square root, any other power is a thing of its own.
  func raised(to exponent: Self) throws(ExpressionError) -> Self {
    guard let power = exponent.number, power.denominator == 1, power.numerator.magnitude <= 64
    else {
      if let half = exponent.number, half.numerator == 1, half.denominator == 2 {
        return try squareRoot()
      }
      return Self(
        Polynomial(
          named: "(\(numerator.description))/(\(denominator.description))^"
            + "(\(exponent.numerator.description))/(\(exponent.denominator.description))"))
    }
    var result = Self(1)
    for _ in 0..<Int(power.numerator.magnitude) { result = try result.multiplied(by: self) }
    return power.numerator < 0 ? try Self(1).divided(by: result) : result
  }

  /// √(p/q) = √(pq)/q, with square factors taken out; the root of anything but a number is a thing of its own.
  func squareRoot() throws(ExpressionError) -> Self {
    guard let number else { return try root(2) }
    let product = number.numerator.multipliedReportingOverflow(by: number.denominator)
    guard !product.overflow, product.partialValue.magnitude < 1 << 62 else { throw .tooLarge }
    var rest = Int(product.partialValue.magnitude)
    var result = Polynomial(try RationalNumber(1, over: number.denominator))
    if product.partialValue < 0 { result = try result.multiplied(by: Polynomial(named: "i")) }
    if rest == 0 { return Self(0) }
    var prime = 2
    // Trial division up to 10⁵: what is left is a prime, a prime's square, or too large for an answer.
    while prime < 100_000, prime * prime <= rest {
      while rest % (prime * prime) == 0 {
        rest /= prime * prime
        result = try result.multiplied(by: Polynomial(RationalNumber(prime)))
      }
      if rest % prime == 0 {
        rest /= prime
        result = try result.multiplied(by: Polynomial(named: "√\(prime)"))
      }
      prime += prime == 2 ? 1 : 2
    }
    let whole = Int(Double(rest).squareRoot().rounded())
    if rest > 1, whole.multipliedReportingOverflow(by: whole).partialValue == rest {
      result = try result.multiplied(by: Polynomial(RationalNumber(whole)))
    } else if rest > 1 {
      result = try result.multiplied(by: Polynomial(named: "√\(rest)"))
    }
    return Self(result)
  }

  /// The root of an order other than 2, or of more than a number: equal only to itself.
  func root(_ order: Int) throws(ExpressionError) -> Self {
    Self(
      Polynomial(named: "root\(order)(\(numerator.description))/(\(denominator.description))"))
  }
}
