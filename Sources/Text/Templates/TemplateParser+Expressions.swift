/// Expressions, one function by level of precedence, loosest first.
extension TemplateParser {
  /// An expression, or several with commas between them: a list.
  mutating func tuple() throws -> TemplateExpression {
    let first = try expression()
    guard current.kind == .sign(",") else { return first }
    var all = [first]
    while skip(sign: ",") {
      if [.endBlock, .endOutput, .sign(")")].contains(current.kind) { break }
      all.append(try expression())
    }
    return TemplateExpression(kind: .list(all), at: first.at)
  }

  mutating func expression() throws -> TemplateExpression {
    try nest { parser in
      var result = try parser.or()
      while parser.skip(word: "if") {
        let condition = try parser.or()
        let otherwise = parser.skip(word: "else") ? try parser.expression() : nil
        result = TemplateExpression(
          kind: .conditional(condition, then: result, otherwise: otherwise), at: result.at)
      }
      return result
    }
  }

  mutating func or() throws -> TemplateExpression {
    var left = try and()
    while skip(word: "or") { left = binary("or", left, try and()) }
    return left
  }

  private mutating func and() throws -> TemplateExpression {
    var left = try not()
    while skip(word: "and") { left = binary("and", left, try not()) }
    return left
  }

  private mutating func not() throws -> TemplateExpression {
    let at = current.at
    guard skip(word: "not") else { return try comparison() }
    return try nest { TemplateExpression(kind: .unary("not", try $0.not()), at: at) }
  }

  private mutating func comparison() throws -> TemplateExpression {
    let left = try sum()
    var pairs: [(sign: String, right: TemplateExpression)] = []
    while true {
      if case .sign(let sign) = current.kind, ["==", "!=", "<", "<=", ">", ">="].contains(sign) {
        advance()
        pairs.append((sign, try sum()))
      } else if skip(word: "in") {
        pairs.append(("in", try sum()))
      } else if current.kind == .name("not"), index + 1 < tokens.count,
        tokens[index + 1].kind == .name("in")
      {
        index += 2
        pairs.append(("not in", try sum()))
      } else {
        break
      }
    }
    if pairs.isEmpty { return left }
    return TemplateExpression(kind: .comparison(left, pairs), at: left.at)
  }

  private func binary(
    _ sign: String, _ left: TemplateExpression, _ right: TemplateExpression
  ) -> TemplateExpression {
    TemplateExpression(kind: .binary(sign, left, right), at: left.at)
  }

  private mutating func level(
    _ signs: [String], _ operand: (inout TemplateParser) throws -> TemplateExpression
  ) throws -> TemplateExpression {
    var left = try operand(&self)
    while case .sign(let sign) = current.kind, signs.contains(sign) {
      advance()
      left = binary(sign, left, try operand(&self))
    }
    return left
  }

  private mutating func sum() throws -> TemplateExpression {
    try level(["+", "-"]) { parser in
      try parser.level(["~"]) { parser in
        try parser.level(["*", "/", "//", "%"]) { parser in
          try parser.level(["**"]) { try $0.unary(withFilters: true) }
        }
      }
    }
  }

  private mutating func unary(withFilters: Bool) throws -> TemplateExpression {
    let at = current.at
    for sign in ["-", "+"] where skip(sign: sign) {
      let operand = try nest { try $0.unary(withFilters: false) }
      let result = TemplateExpression(kind: .unary(sign, operand), at: at)
      return withFilters ? try filters(result) : result
    }
    let result = try postfix(try primary())
    return withFilters ? try filters(result) : result
  }

  mutating func primary() throws -> TemplateExpression {
    let token = current
    advance()
    func literal(_ value: TemplateValue) -> TemplateExpression {
      TemplateExpression(kind: .literal(value), at: token.at)
    }
    switch token.kind {
    case .name(let name):
      switch name {
      case "true", "True": return literal(.bool(true))
      case "false", "False": return literal(.bool(false))
      case "none", "None": return literal(.none)
      default: return TemplateExpression(kind: .name(name), at: token.at)
      }
    case .string(var text):
      while case .string(let more) = current.kind {
        text += more
        advance()
      }
      return literal(.text(text))
    case .integer(let value): return literal(.integer(value))
    case .number(let value): return literal(.number(value))
    case .sign("("):
      if skip(sign: ")") { return TemplateExpression(kind: .list([]), at: token.at) }
      let inside = try tuple()
      try expect(sign: ")")
      return inside
    case .sign("["):
      var items: [TemplateExpression] = []
      while !skip(sign: "]") {
        if !items.isEmpty { try expect(sign: ",") }
        if skip(sign: "]") { break }
        items.append(try expression())
      }
      return TemplateExpression(kind: .list(items), at: token.at)
    case .sign("{"): return try dictionary(token.at)
    default:
      index -= 1
      throw fault(expected: "a value")
    }
  }

  private mutating func dictionary(_ at: Int) throws -> TemplateExpression {
    var items: [(TemplateExpression, TemplateExpression)] = []
    while !skip(sign: "}") {
      if !items.isEmpty { try expect(sign: ",") }
      if skip(sign: "}") { break }
      let key = try expression()
      try expect(sign: ":")
      items.append((key, try expression()))
    }
    return TemplateExpression(kind: .dictionary(items), at: at)
  }
}
