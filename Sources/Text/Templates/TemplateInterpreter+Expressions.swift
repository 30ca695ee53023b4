import OrderedCollections

extension TemplateInterpreter {
  mutating func evaluate(_ expression: TemplateExpression) throws -> TemplateValue {
    let at = expression.at
    switch expression.kind {
    case .literal(let value): return value
    case .name(let name): return lookUp(name)
    case .list(let items): return .list(try items.map { try evaluate($0) })
    case .dictionary(let items):
      var result: OrderedDictionary<String, TemplateValue> = [:]
      for (key, value) in items { result[try evaluate(key).printed.text] = try evaluate(value) }
      return .dictionary(result)
    case .attribute(let object, let name):
      return try member(try evaluate(object), .text(name), at: at)
    case .item(let object, let key):
      return try member(try evaluate(object), try evaluate(key), at: at)
    case .slice(let object, let start, let stop, let step):
      let bounds = try [start, stop, step].map { bound in
        try bound.map { try evaluate($0) }.flatMap { $0.int }
      }
      return try slice(try evaluate(object), bounds, at: at)
    case .call(let callee, let arguments): return try call(callee, arguments, at: at)
    case .filter(let operand, let name, let arguments):
      let value = try evaluate(operand)
      return try filter(name, value, try given(arguments, at: at))
    case .test(let operand, let name, let arguments):
      let value = try evaluate(operand)
      return .bool(try test(name, value, try given(arguments, at: at)))
    case .unary(let sign, let operand): return try unary(sign, try evaluate(operand), at: at)
    case .binary(let sign, let left, let right): return try binary(sign, left, right, at: at)
    case .comparison(let first, let pairs):
      var left = try evaluate(first)
      for pair in pairs {
        let right = try evaluate(pair.right)
        if !(try compare(pair.sign, left, right, at: at)) { return .bool(false) }
        left = right
      }
      return .bool(true)
    case .conditional(let condition, let then, let otherwise):
      if try evaluate(condition).isTrue { return try evaluate(then) }
      return try otherwise.map { try evaluate($0) } ?? .undefined(name: "this value")
    }
  }

  mutating func given(_ arguments: TemplateArguments, at: Int) throws -> TemplateGiven {
    TemplateGiven(
      positional: try arguments.positional.map { try evaluate($0) },
      named: try arguments.named.map { ($0.name, try evaluate($0.value)) }, at: at)
  }

  private func member(
    _ object: TemplateValue, _ key: TemplateValue, at: Int
  ) throws -> TemplateValue {
    let missing = TemplateValue.undefined(name: "the item \(key.printed.text)")
    switch object {
    case .undefined(let name): throw fault(at, .undefined(name))
    case .dictionary(let items): return items[key.printed.text] ?? missing
    case .namespace(let index): return namespaces[index][key.printed.text] ?? missing
    case .list(let values):
      guard let index = key.int else { return missing }
      let place = index < 0 ? index + values.count : index
      return values.indices.contains(place) ? values[place] : missing
    case .string(let text):
      guard let index = key.int else { return missing }
      let place = index < 0 ? index + text.count : index
      return (0..<text.count).contains(place) ? .string(text[place..<place + 1]) : missing
    default: return missing
    }
  }

  /// Python's slices: bounds beyond the ends are the ends, a negative step walks backwards.
  private func slice(
    _ object: TemplateValue, _ bounds: [Int?], at: Int
  ) throws -> TemplateValue {
    let count: Int
    switch object {
    case .string(let text): count = text.count
    case .list(let values): count = values.count
    default: throw fault(at, .wrongKind(operation: "a slice", found: object.kind))
    }
    let step = bounds[2] ?? 1
    guard step != 0 else { throw fault(at, .divisionByZero) }
    let (lowest, highest) = step > 0 ? (0, count) : (-1, count - 1)
    func clamp(_ bound: Int?, _ standard: Int) -> Int {
      guard let bound else { return standard }
      return min(max(bound < 0 ? max(bound, -count - 1) + count : bound, lowest), highest)
    }
    let start = clamp(bounds[0], step > 0 ? 0 : count - 1)
    let stop = clamp(bounds[1], step > 0 ? count : -1)
    let width = min(max(step, -count - 1), count + 1)
    let places = Array(stride(from: start, to: stop, by: width))
    switch object {
    case .string(let text):
      var result = TemplateText()
      for place in places { result.append(text.scalars[place], isTrusted: text.isTrusted[place]) }
      return .string(result)
    case .list(let values): return .list(places.map { values[$0] })
    default: return object
    }
  }

  private func unary(_ sign: String, _ value: TemplateValue, at: Int) throws -> TemplateValue {
    if sign == "not" { return .bool(!value.isTrue) }
    if let whole = value.int {
      if sign == "+" { return .integer(whole) }
      let (negative, overflow) = (0).subtractingReportingOverflow(whole)
      if !overflow { return .integer(negative) }
    }
    if let number = value.double { return .number(sign == "-" ? -number : number) }
    throw fault(at, .wrongKind(operation: "\"\(sign)\"", found: value.kind))
  }

  private mutating func binary(
    _ sign: String, _ leftSide: TemplateExpression, _ rightSide: TemplateExpression, at: Int
  ) throws -> TemplateValue {
    let left = try evaluate(leftSide)
    if sign == "and" { return left.isTrue ? try evaluate(rightSide) : left }
    if sign == "or" { return left.isTrue ? left : try evaluate(rightSide) }
    let right = try evaluate(rightSide)
    switch (sign, left, right) {
    case ("~", _, _): return .string(try joined(left.printed, right.printed, at: at))
    case ("+", .string(let first), .string(let second)):
      return .string(try joined(first, second, at: at))
    case ("+", .list(let first), .list(let second)):
      try spend(first.count + second.count, at: at)
      return .list(first + second)
    case ("*", .string(let text), .integer(let times)),
      ("*", .integer(let times), .string(let text)):
      let (length, overflow) = text.count.multipliedReportingOverflow(by: max(times, 0))
      try spend(overflow ? Int.max / 2 : length, at: at)
      var result = TemplateText()
      if length > 0 { for _ in 0..<times { result.append(text) } }
      return .string(result)
    default: return try arithmetic(sign, left, right, at: at)
    }
  }

  private mutating func joined(
    _ left: TemplateText, _ right: TemplateText, at: Int
  ) throws -> TemplateText {
    try spend(left.count + right.count, at: at)
    var result = left
    result.append(right)
    return result
  }

  func compare(
    _ sign: String, _ left: TemplateValue, _ right: TemplateValue, at: Int
  ) throws -> Bool {
    switch sign {
    case "==": return left.isEqual(right)
    case "!=": return !left.isEqual(right)
    case "in": return try contains(right, left, at: at)
    case "not in": return !(try contains(right, left, at: at))
    default: break
    }
    func holds<Ordered: Comparable>(_ first: Ordered, _ second: Ordered) -> Bool {
      switch sign {
      case "<": first < second
      case "<=": first <= second
      case ">": first > second
      default: first >= second
      }
    }
    if let first = left.int, let second = right.int { return holds(first, second) }
    if let first = left.double, let second = right.double { return holds(first, second) }
    if let first = left.string, let second = right.string {
      let isLess = first.scalars.lexicographicallyPrecedes(second.scalars)
      return holds(isLess ? 0 : first.scalars == second.scalars ? 1 : 2, 1)
    }
    throw fault(
      at, .wrongKind(operation: "\"\(sign)\"", found: "\(left.kind) and \(right.kind)"))
  }

  private func contains(
    _ container: TemplateValue, _ value: TemplateValue, at: Int
  ) throws -> Bool {
    switch container {
    case .undefined: return false
    case .list(let values): return values.contains { $0.isEqual(value) }
    case .dictionary(let items): return value.string.map { items[$0.text] != nil } ?? false
    case .string(let text):
      if let part = value.string { return text.find(part) != nil }
      throw fault(at, .wrongKind(operation: "\"in\" a string", found: value.kind))
    default: throw fault(at, .wrongKind(operation: "\"in\"", found: container.kind))
    }
  }
}

/// Evaluated arguments.
struct TemplateGiven {
  var positional: [TemplateValue] = []
  var named: [(String, TemplateValue)] = []
  var at: Int

  /// The argument at a position or with a name.
  subscript(_ position: Int, _ name: String) -> TemplateValue? {
    position < positional.count ? positional[position] : named.last { $0.0 == name }?.1
  }
}
