/// Statements of a template.
struct TemplateParser {
  var tokens: [TemplateToken]
  var index = 0
  var depth = 0

  init(tokens: [TemplateToken]) { self.tokens = tokens }

  var current: TemplateToken { tokens[min(index, tokens.count - 1)] }

  mutating func advance() { index += 1 }

  func fault(expected: String) -> TemplateFault {
    TemplateFault(at: current.at, problem: .unexpected(found: current.name, expected: expected))
  }

  mutating func nest<Result>(_ body: (inout TemplateParser) throws -> Result) throws -> Result {
    depth += 1
    defer { depth -= 1 }
    if depth > TemplateLimits.depth * 4 {
      throw TemplateFault(
        at: current.at,
        problem: .tooMany(what: "levels of nesting", limit: TemplateLimits.depth))
    }
    return try body(&self)
  }

  mutating func skip(sign: String) -> Bool {
    if current.kind != .sign(sign) { return false }
    index += 1
    return true
  }

  mutating func skip(word: String) -> Bool {
    if current.kind != .name(word) { return false }
    index += 1
    return true
  }

  mutating func expect(sign: String) throws {
    if !skip(sign: sign) { throw fault(expected: "\"\(sign)\"") }
  }

  mutating func name() throws -> String {
    guard case .name(let name) = current.kind else { throw fault(expected: "a name") }
    index += 1
    return name
  }

  mutating func endTag() throws {
    guard current.kind == .endBlock else { throw fault(expected: "%}") }
    index += 1
  }

  /// Statements up to one of the tags `ends`, whose name is taken; up to the end if there are none.
  mutating func body(until ends: [String], of opening: Int) throws -> (
    [TemplateStatement], end: String
  ) {
    try nest { parser in
      var statements: [TemplateStatement] = []
      while true {
        let token = parser.current
        switch token.kind {
        case .text(let text): statements.append(.text(TemplateText(text)))
        case .beginOutput:
          parser.advance()
          statements.append(.output(try parser.tuple()))
          guard parser.current.kind == .endOutput else { throw parser.fault(expected: "}}") }
        case .beginBlock:
          parser.advance()
          let at = parser.current.at
          let name = try parser.name()
          if ends.contains(name) { return (statements, name) }
          statements += try parser.statement(name, at: at)
          continue
        case .end:
          if ends.isEmpty { return (statements, "") }
          throw TemplateFault(
            at: opening, problem: .unclosed("this tag (\(ends.joined(separator: ", ")))"))
        default: throw parser.fault(expected: "text or a tag")
        }
        parser.advance()
      }
    }
  }

  private mutating func statement(_ name: String, at: Int) throws -> [TemplateStatement] {
    switch name {
    case "if": return [try conditional(at)]
    case "for": return [try loop(at)]
    case "set": return [try set(at)]
    case "macro": return [try macro(at)]
    case "break", "continue":
      try endTag()
      return [.leaveLoop(continues: name == "continue")]
    case "generation":
      // transformers marks the assistant's text with it; here positions do that.
      try endTag()
      let inside = try body(until: ["endgeneration"], of: at).0
      try endTag()
      return inside
    default:
      throw TemplateFault(
        at: at,
        problem: .unknown(
          kind: "tag", name: name,
          known: ["if", "for", "set", "macro", "break", "continue", "raw", "generation"]))
    }
  }

  private mutating func conditional(_ at: Int) throws -> TemplateStatement {
    var branches: [(condition: TemplateExpression?, body: [TemplateStatement])] = []
    var condition: TemplateExpression? = try tuple()
    try endTag()
    while true {
      let ends = condition == nil ? ["endif"] : ["elif", "else", "endif"]
      let (statements, end) = try body(until: ends, of: at)
      branches.append((condition, statements))
      condition = end == "elif" ? try tuple() : nil
      try endTag()
      if end == "endif" { return .conditional(branches) }
    }
  }

  private mutating func loop(_ at: Int) throws -> TemplateStatement {
    var names = [try name()]
    while skip(sign: ",") { names.append(try name()) }
    if !skip(word: "in") { throw fault(expected: "\"in\"") }
    // Without the ternary: here "if" begins the filter.
    let values = try or()
    let filter = skip(word: "if") ? try expression() : nil
    try endTag()
    var (statements, end) = try body(until: ["endfor", "else"], of: at)
    try endTag()
    var loop = TemplateLoop(
      at: at, names: names, values: values, filter: filter, body: statements, otherwise: [])
    if end == "else" {
      (statements, end) = try body(until: ["endfor"], of: at)
      try endTag()
      loop.otherwise = statements
    }
    return .loop(loop)
  }

  private mutating func set(_ at: Int) throws -> TemplateStatement {
    var names = [try name()]
    var target: TemplateTarget?
    if skip(sign: ".") {
      target = .attribute(names[0], try name(), at: at)
    } else {
      while skip(sign: ",") { names.append(try name()) }
    }
    let place = target ?? .names(names, at: at)
    if skip(sign: "=") {
      let value = try tuple()
      try endTag()
      return .set(place, value)
    }
    try endTag()
    let statements = try body(until: ["endset"], of: at).0
    try endTag()
    return .capture(place, statements)
  }

  private mutating func macro(_ at: Int) throws -> TemplateStatement {
    let name = try name()
    var parameters: [(name: String, standard: TemplateExpression?)] = []
    try expect(sign: "(")
    while !skip(sign: ")") {
      if !parameters.isEmpty { try expect(sign: ",") }
      let parameter = try self.name()
      parameters.append((parameter, skip(sign: "=") ? try expression() : nil))
    }
    try endTag()
    let statements = try body(until: ["endmacro"], of: at).0
    try endTag()
    return .macro(TemplateMacro(name: name, parameters: parameters, body: statements))
  }
}
