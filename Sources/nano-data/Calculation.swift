import Randomness

/// `left operation right`, a sum as the nano model is asked to work it out.
struct Calculation: Hashable, Sendable {
  enum Operation: String, CaseIterable, Sendable {
    case plus = "+"
    case minus = "-"
    case times = "×"
  }

  var left: Int
  var operation: Operation
  /// At most `left` where the operation is minus, one digit where it is times.
  var right: Int

  var text: String { "\(left)\(operation.rawValue)\(right)" }

  var value: Int {
    switch operation {
    case .plus: left + right
    case .minus: left - right
    case .times: left * right
    }
  }

  /// Whether the calculation is kept for tests: one in ten, never seen in pretraining or training in
  /// any wording.
  var isHeldOut: Bool {
    let coordinate = UInt64(left) << 16 | UInt64(right)
    return Calculation.split.below(
      10, coordinate,
      UInt64(operation.rawValue.utf8.count) << 8
        | UInt64(operation.rawValue.utf8.first ?? 0)) == 0
  }

  private static let split = CoordinateRandom(seed: Draw.seed, stream: "nano-data/held-out")

  /// A calculation on the wanted side of the split.
  static func drawn(
    heldOut: Bool, operation: Operation? = nil, small: Bool = false, with draw: inout Draw
  ) -> Calculation {
    while true {
      let chosen = operation ?? draw.pick(weighted: [(.plus, 40), (.minus, 35), (.times, 25)])
      let large = !small && draw.chance(0.4)
      let left = draw.number(in: large ? 100...999 : 10...99)
      let calculation =
        switch chosen {
        case .times:
          Calculation(
            left: draw.number(in: 12...99), operation: .times, right: draw.number(in: 2...9))
        case .plus:
          Calculation(
            left: left, operation: .plus,
            right: draw.number(in: large && draw.chance(0.5) ? 100...999 : 10...99))
        case .minus:
          Calculation(
            left: left, operation: .minus,
            right: draw.number(in: 10...(large && draw.chance(0.5) ? left : min(left, 99))))
        }
      if calculation.isHeldOut == heldOut { return calculation }
    }
  }
}

extension Calculation {
  /// The work in small steps: `47+28:7+8=15;4+2+1=7`.
  ///
  /// Columns go from the right, the carry as a third term; a minuend's digit that borrows is written
  /// with its ten; a product is split into tens and units.
  var steps: String {
    switch operation {
    case .plus: "\(text):" + additionSteps
    case .minus: "\(text):" + subtractionSteps
    case .times: "\(text):" + multiplicationSteps
    }
  }

  private var additionSteps: String {
    var (a, b, carry) = (left, right, 0)
    var steps: [String] = []
    while a > 0 || b > 0 {
      let sum = a % 10 + b % 10 + carry
      steps.append("\(a % 10)+\(b % 10)" + (carry > 0 ? "+1" : "") + "=\(sum)")
      (a, b, carry) = (a / 10, b / 10, sum / 10)
    }
    return steps.joined(separator: ";")
  }

  private var subtractionSteps: String {
    var (a, b, borrowed) = (left, right, 0)
    var steps: [String] = []
    while a > 0 {
      let short = a % 10 < b % 10 + borrowed
      let digit = a % 10 + (short ? 10 : 0)
      steps.append(
        "\(digit)-\(b % 10)" + (borrowed > 0 ? "-1" : "") + "=\(digit - b % 10 - borrowed)")
      (a, b, borrowed) = (a / 10, b / 10, short ? 1 : 0)
    }
    return steps.joined(separator: ";")
  }

  private var multiplicationSteps: String {
    let (tens, units) = (left / 10, left % 10)
    let carry = units * right / 10
    let product = tens * right
    return "\(units)×\(right)=\(units * right);\(tens)×\(right)=\(product)"
      + (carry > 0 ? ";\(product)+\(carry)=\(product + carry)" : "")
  }
}
