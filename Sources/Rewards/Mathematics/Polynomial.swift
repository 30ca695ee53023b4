/// A polynomial with exact coefficients in named things: variables, π, i, and square roots of primes.
///
/// i² = −1 and (√q)² = q are applied as soon as they arise, and terms are kept sorted: equal polynomials are equal values.
struct Polynomial: Equatable {
  /// A named thing and its power.
  struct Factor: Equatable {
    var name: String
    var power: Int
  }

  struct Term: Equatable {
    let factors: [Factor]
    var coefficient: RationalNumber
    /// Decides the order of terms: any total order of the factors would do.
    let key: String

    init(_ factors: [Factor], _ coefficient: RationalNumber) {
      self.factors = factors
      self.coefficient = coefficient
      key = factors.map { "\($0.name)^\($0.power)" }.joined(separator: "*")
    }
  }

  private(set) var terms: [Term] = []

  /// The most terms of a polynomial, and the greatest power of a thing.
  private static let mostTerms = 128
  private static let greatestPower = 64

  init(_ number: RationalNumber) {
    if !number.isZero { terms = [Term([], number)] }
  }

  init(named name: String) {
    terms = [Term([Factor(name: name, power: 1)], RationalNumber(1))]
  }

  /// The number that this is, if it is nothing but a number.
  var number: RationalNumber? {
    if terms.isEmpty { return RationalNumber(0) }
    return terms.count == 1 && terms[0].factors.isEmpty ? terms[0].coefficient : nil
  }

  var description: String {
    terms.map { "\($0.coefficient.numerator)/\($0.coefficient.denominator)*\($0.key)" }
      .joined(separator: "+")
  }

  func adding(_ other: Self) throws(ExpressionError) -> Self {
    var sum = self
    for term in other.terms { try sum.insert(term) }
    return sum
  }

  func multiplied(by other: Self) throws(ExpressionError) -> Self {
    var product = Polynomial(RationalNumber(0))
    for left in terms {
      for right in other.terms { try product.insert(Self.product(left, right)) }
    }
    return product
  }

  private mutating func insert(_ term: Term) throws(ExpressionError) {
    guard !term.coefficient.isZero else { return }
    let index = place(of: term.key)
    guard index < terms.count, terms[index].key == term.key else {
      guard terms.count < Self.mostTerms else { throw .tooLarge }
      terms.insert(term, at: index)
      return
    }
    terms[index].coefficient = try terms[index].coefficient.adding(term.coefficient)
    if terms[index].coefficient.isZero { terms.remove(at: index) }
  }

  /// Where a term with this key is, or has to be inserted.
  private func place(of key: String) -> Int {
    var low = 0
    var high = terms.count
    while low < high {
      let middle = (low + high) / 2
      if terms[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func product(_ left: Term, _ right: Term) throws(ExpressionError) -> Term {
    var factors = left.factors
    var coefficient = try left.coefficient.multiplied(by: right.coefficient)
    for factor in right.factors {
      let index = factors.firstIndex { $0.name >= factor.name } ?? factors.count
      if index < factors.count, factors[index].name == factor.name {
        factors[index].power += factor.power
        try reduce(&factors, at: index, &coefficient)
      } else {
        factors.insert(factor, at: index)
      }
    }
    return Term(factors, coefficient)
  }

  /// Applies i² = −1 and (√q)² = q to one factor.
  private static func reduce(
    _ factors: inout [Factor], at index: Int, _ coefficient: inout RationalNumber
  ) throws(ExpressionError) {
    let factor = factors[index]
    guard factor.power <= greatestPower else { throw .tooLarge }
    let square: RationalNumber? =
      if factor.name == "i" {
        RationalNumber(-1)
      } else if factor.name.hasPrefix("√"), let prime = Int(factor.name.dropFirst()) {
        RationalNumber(prime)
      } else {
        nil
      }
    guard let square else { return }
    for _ in 0..<factor.power / 2 {
      coefficient = try coefficient.multiplied(by: square)
    }
    if factor.power % 2 == 0 {
      factors.remove(at: index)
    } else {
      factors[index].power = 1
    }
  }
}
