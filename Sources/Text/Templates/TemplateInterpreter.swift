import OrderedCollections

/// Runs a parsed template within its limits, holding all state of one rendering.
struct TemplateInterpreter {
  enum Leaving { case breaks, continues }

  var scopes: [[String: TemplateValue]]
  var namespaces: [OrderedDictionary<String, TemplateValue>] = []
  var macros: [TemplateMacro] = []
  var output = TemplateText()
  private var iterations = 0
  private var work = 0
  private var depth = 0

  init(globals: [String: TemplateValue]) { scopes = [globals] }

  func fault(_ at: Int, _ problem: TemplateError.Problem) -> TemplateFault {
    TemplateFault(at: at, problem: problem)
  }

  /// Counts a string of this length that is about to be made.
  mutating func spend(_ length: Int, at: Int) throws {
    if length > TemplateLimits.length {
      throw fault(at, .tooMany(what: "characters of text", limit: TemplateLimits.length))
    }
    work += length
    if work > TemplateLimits.work {
      throw fault(at, .tooMany(what: "characters copied", limit: TemplateLimits.work))
    }
  }

  mutating func spendIterations(_ count: Int, at: Int) throws {
    if count > TemplateLimits.iterations - iterations {
      throw fault(at, .tooMany(what: "iterations", limit: TemplateLimits.iterations))
    }
    iterations += count
  }

  mutating func nest<Result>(
    at: Int, _ body: (inout TemplateInterpreter) throws -> Result
  ) throws -> Result {
    depth += 1
    defer { depth -= 1 }
    if depth > TemplateLimits.depth {
      throw fault(at, .tooMany(what: "levels of loops and macros", limit: TemplateLimits.depth))
    }
    return try body(&self)
  }

  mutating func write(_ text: TemplateText, at: Int) throws {
    try spend(output.count + text.count, at: at)
    // Appending copies what is added, not what is there.
    work -= output.count
    output.append(text)
  }

  mutating func run(_ statements: [TemplateStatement]) throws -> Leaving? {
    for statement in statements {
      switch statement {
      case .text(let text): try write(text, at: 0)
      case .output(let expression):
        try write(try evaluate(expression).printed, at: expression.at)
      case .conditional(let branches):
        for branch in branches {
          if let condition = branch.condition, !(try evaluate(condition).isTrue) { continue }
          if let leaving = try run(branch.body) { return leaving }
          break
        }
      case .loop(let loop): try nest(at: loop.at) { try $0.run(loop) }
      case .set(let target, let expression): try set(target, try evaluate(expression))
      case .capture(let target, let body): try set(target, .string(try captured(body)))
      case .macro(let macro):
        macros.append(macro)
        scopes[scopes.count - 1][macro.name] = .macro(macros.count - 1)
      case .leaveLoop(let continues): return continues ? .continues : .breaks
      }
    }
    return nil
  }

  /// What statements write, instead of writing it.
  private mutating func captured(_ body: [TemplateStatement]) throws -> TemplateText {
    let outer = output
    output = TemplateText()
    defer { output = outer }
    _ = try run(body)
    return output
  }

  private mutating func set(_ target: TemplateTarget, _ value: TemplateValue) throws {
    switch target {
    case .attribute(let name, let key, let at):
      guard case .namespace(let index) = lookUp(name) else {
        throw fault(at, .wrongKind(operation: "setting .\(key)", found: lookUp(name).kind))
      }
      namespaces[index][key] = value
    case .names(let names, let at): try bind(names, value, at: at)
    }
  }

  private mutating func bind(_ names: [String], _ value: TemplateValue, at: Int) throws {
    if names.count == 1 {
      scopes[scopes.count - 1][names[0]] = value
      return
    }
    guard let values = value.elements, values.count == names.count else {
      throw fault(
        at, .wrongKind(operation: "unpacking into \(names.count) names", found: value.kind))
    }
    for (name, value) in zip(names, values) { scopes[scopes.count - 1][name] = value }
  }

  func lookUp(_ name: String) -> TemplateValue {
    for scope in scopes.reversed() { if let value = scope[name] { return value } }
    return .undefined(name: name)
  }

  private mutating func run(_ loop: TemplateLoop) throws {
    let source = try evaluate(loop.values)
    guard var values = source.elements else {
      throw fault(loop.values.at, .wrongKind(operation: "a loop", found: source.kind))
    }
    try spendIterations(values.count, at: loop.at)
    scopes.append([:])
    defer { scopes.removeLast() }
    if let filter = loop.filter {
      var kept: [TemplateValue] = []
      for value in values {
        try bind(loop.names, value, at: loop.at)
        if try evaluate(filter).isTrue { kept.append(value) }
      }
      values = kept
    }
    if values.isEmpty {
      scopes[scopes.count - 1] = [:]
      _ = try run(loop.otherwise)
    }
    for index in values.indices {
      scopes[scopes.count - 1] = ["loop": .dictionary(Self.facts(index, values))]
      try bind(loop.names, values[index], at: loop.at)
      if try run(loop.body) == .breaks { break }
    }
  }

  /// The variable `loop`.
  private static func facts(
    _ index: Int, _ values: [TemplateValue]
  ) -> OrderedDictionary<String, TemplateValue> {
    [
      "index": .integer(index + 1), "index0": .integer(index),
      "revindex": .integer(values.count - index), "revindex0": .integer(values.count - index - 1),
      "first": .bool(index == 0), "last": .bool(index == values.count - 1),
      "length": .integer(values.count),
      "previtem": index > 0 ? values[index - 1] : .undefined(name: "loop.previtem"),
      "nextitem": index + 1 < values.count
        ? values[index + 1] : .undefined(name: "loop.nextitem"),
    ]
  }

  mutating func call(
    macro index: Int, _ positional: [TemplateValue], _ named: [(String, TemplateValue)], at: Int
  ) throws -> TemplateValue {
    let macro = macros[index]
    guard positional.count <= macro.parameters.count else {
      throw fault(
        at, .tooMany(what: "arguments to \(macro.name)", limit: macro.parameters.count))
    }
    return try nest(at: at) { inner in
      let outer = inner.scopes
      inner.scopes = [outer[0], [:]]
      defer { inner.scopes = outer }
      for (position, parameter) in macro.parameters.enumerated() {
        var value = TemplateValue.undefined(name: parameter.name)
        if position < positional.count {
          value = positional[position]
        } else if let given = named.last(where: { $0.0 == parameter.name }) {
          value = given.1
        } else if let standard = parameter.standard {
          value = try inner.evaluate(standard)
        }
        inner.scopes[1][parameter.name] = value
      }
      return .string(try inner.captured(macro.body))
    }
  }
}
