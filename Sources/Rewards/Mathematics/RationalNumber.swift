/// Why an expression was given up: it is then compared as text only.
enum ExpressionError: Error {
  /// Not in the language of answers.
  case unreadable
  /// Beyond the bounds of size, depth or work.
  case tooLarge
  case divisionByZero
}

/// An exact fraction in lowest terms with a positive denominator; whatever does not fit in 128 bits is an error.
struct RationalNumber: Equatable {
  let numerator: Int128
  let denominator: Int128

  init(_ whole: Int) {
    numerator = Int128(whole)
    denominator = 1
  }

  init(_ numerator: Int128, over denominator: Int128) throws(ExpressionError) {
    guard denominator != 0 else { throw .divisionByZero }
    guard numerator != .min, denominator != .min else { throw .tooLarge }
    var (a, b) = (numerator.magnitude, denominator.magnitude)
    while b != 0 { (a, b) = (b, a % b) }
    let divisor = denominator < 0 ? -Int128(a) : Int128(a)
    self.numerator = numerator / divisor
    self.denominator = denominator / divisor
  }

  var isZero: Bool { numerator == 0 }

  func multiplied(by other: Self) throws(ExpressionError) -> Self {
    try Self(
      checked(numerator.multipliedReportingOverflow(by: other.numerator)),
      over: checked(denominator.multipliedReportingOverflow(by: other.denominator)))
  }

  func adding(_ other: Self) throws(ExpressionError) -> Self {
    let left = try checked(numerator.multipliedReportingOverflow(by: other.denominator))
    let right = try checked(other.numerator.multipliedReportingOverflow(by: denominator))
    return try Self(
      checked(left.addingReportingOverflow(right)),
      over: checked(denominator.multipliedReportingOverflow(by: other.denominator)))
  }
}

private func checked(
  _ result: (partialValue: Int128, overflow: Bool)
) throws(ExpressionError) -> Int128 {
  guard !result.overflow else { throw .tooLarge }
  return result.partialValue
}
