/// What stands behind an operand: names, items, slices, calls, filters and tests.
extension TemplateParser {
  mutating func postfix(_ operand: TemplateExpression) throws -> TemplateExpression {
    var result = operand
    while true {
      let at = current.at
      if skip(sign: ".") {
        if case .integer(let index) = current.kind {
          advance()
          let position = TemplateExpression(kind: .literal(.integer(index)), at: at)
          result = TemplateExpression(kind: .item(result, position), at: at)
        } else {
          result = TemplateExpression(kind: .attribute(result, try name()), at: at)
        }
      } else if skip(sign: "[") {
        result = try subscripted(result, at)
      } else if current.kind == .sign("(") {
        result = TemplateExpression(kind: .call(result, try arguments()), at: at)
      } else {
        return result
      }
    }
  }

  private mutating func subscripted(
    _ operand: TemplateExpression, _ at: Int
  ) throws -> TemplateExpression {
    var bounds: [TemplateExpression?] = [nil]
    while !skip(sign: "]") {
      if skip(sign: ":") {
        bounds.append(nil)
      } else {
        guard bounds[bounds.count - 1] == nil else { throw fault(expected: "\"]\"") }
        bounds[bounds.count - 1] = try expression()
      }
    }
    if bounds.count == 1, let item = bounds[0] {
      return TemplateExpression(kind: .item(operand, item), at: at)
    }
    guard (2...3).contains(bounds.count) else { throw fault(expected: "a slice of two or three") }
    return TemplateExpression(
      kind: .slice(
        operand, start: bounds[0], stop: bounds[1], step: bounds.count == 3 ? bounds[2] : nil),
      at: at)
  }

  mutating func arguments() throws -> TemplateArguments {
    var result = TemplateArguments()
    try expect(sign: "(")
    var isFirst = true
    while !skip(sign: ")") {
      if !isFirst { try expect(sign: ",") }
      isFirst = false
      if skip(sign: ")") { break }
      if case .name(let name) = current.kind, index + 1 < tokens.count,
        tokens[index + 1].kind == .sign("=")
      {
        index += 2
        result.named.append((name, try expression()))
      } else {
        result.positional.append(try expression())
      }
    }
    return result
  }

  /// `| filter(…)` and `is test`, which bind tighter than any operator.
  mutating func filters(_ operand: TemplateExpression) throws -> TemplateExpression {
    var result = operand
    while true {
      let at = current.at
      if skip(sign: "|") {
        let name = try name()
        let given = current.kind == .sign("(") ? try arguments() : TemplateArguments()
        result = TemplateExpression(kind: .filter(result, name: name, given), at: at)
      } else if skip(word: "is") {
        let isNegated = skip(word: "not")
        let name = try name()
        result = TemplateExpression(
          kind: .test(result, name: name, try testArguments()), at: at)
        if isNegated { result = TemplateExpression(kind: .unary("not", result), at: at) }
      } else if current.kind == .sign("(") {
        result = TemplateExpression(kind: .call(result, try arguments()), at: at)
      } else {
        return result
      }
    }
  }

  private mutating func testArguments() throws -> TemplateArguments {
    switch current.kind {
    case .sign("("): return try arguments()
    case .name(let name) where !["else", "or", "and", "is", "if", "not", "in"].contains(name): break
    case .string, .integer, .number, .sign("["), .sign("{"): break
    default: return TemplateArguments()
    }
    return TemplateArguments(positional: [try postfix(try primary())])
  }
}
