import Glibc

extension TemplateInterpreter {
  func arithmetic(
    _ sign: String, _ left: TemplateValue, _ right: TemplateValue, at: Int
  ) throws -> TemplateValue {
    if case .undefined(let name) = left { throw fault(at, .undefined(name)) }
    if case .undefined(let name) = right { throw fault(at, .undefined(name)) }
    if sign != "/", let first = left.int, let second = right.int, sign != "**" || second >= 0 {
      return .integer(try whole(sign, first, second, at: at))
    }
    guard let first = left.double, let second = right.double else {
      throw fault(
        at, .wrongKind(operation: "\"\(sign)\"", found: "\(left.kind) and \(right.kind)"))
    }
    if second == 0 && ["/", "//", "%"].contains(sign) { throw fault(at, .divisionByZero) }
    switch sign {
    case "+": return .number(first + second)
    case "-": return .number(first - second)
    case "*": return .number(first * second)
    case "/": return .number(first / second)
    case "//": return .number((first / second).rounded(.down))
    case "%": return .number(first - second * (first / second).rounded(.down))
    default: return .number(pow(first, second))
    }
  }

  /// Whole numbers, rounding down as Python does.
  private func whole(_ sign: String, _ first: Int, _ second: Int, at: Int) throws -> Int {
    var result: (partialValue: Int, overflow: Bool) = (1, false)
    switch sign {
    case "+": result = first.addingReportingOverflow(second)
    case "-": result = first.subtractingReportingOverflow(second)
    case "*": result = first.multipliedReportingOverflow(by: second)
    case "//", "%":
      if second == 0 { throw fault(at, .divisionByZero) }
      let quotient = first.dividedReportingOverflow(by: second)
      if quotient.overflow {
        result = sign == "%" ? (0, false) : quotient
      } else {
        let remainder = first % second
        let isRoundedUp = remainder != 0 && (remainder < 0) != (second < 0)
        result.partialValue =
          sign == "%"
          ? (isRoundedUp ? remainder + second : remainder)
          : quotient.partialValue - (isRoundedUp ? 1 : 0)
      }
    default:
      // 0, 1 and −1 never overflow; anything else does within 63 steps.
      if second > 63 && (-1...1).contains(first) {
        return first == -1 && second % 2 == 0 ? 1 : first
      }
      for _ in 0..<min(second, 64) where !result.overflow {
        result = result.partialValue.multipliedReportingOverflow(by: first)
      }
    }
    if result.overflow { throw fault(at, .tooMany(what: "bits in a number", limit: 64)) }
    return result.partialValue
  }
}
