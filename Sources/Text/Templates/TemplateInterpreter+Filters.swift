import OrderedCollections

extension TemplateInterpreter {
  private static let filters = [
    "abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "indent", "int",
    "items", "join", "last", "length", "list", "lower", "map", "reject", "rejectattr", "replace",
    "reverse", "safe", "select", "selectattr", "string", "title", "tojson", "trim", "unique",
    "upper",
  ]

  mutating func filter(
    _ name: String, _ value: TemplateValue, _ given: TemplateGiven
  ) throws -> TemplateValue {
    if let text = value.string { try spend(text.count, at: given.at) }
    switch name {
    case "default", "d":
      let replaces = !value.isDefined || (given[1, "boolean"]?.isTrue ?? false) && !value.isTrue
      return replaces ? given[0, "default_value"] ?? .text("") : value
    case "string", "safe": return .string(value.printed)
    case "trim": return .string(value.printed.stripped(given[0, "chars"]?.string?.scalars))
    case "upper": return .string(value.printed.uppercased)
    case "lower": return .string(value.printed.lowercased)
    case "title": return .string(value.printed.titlecased)
    case "capitalize": return .string(value.printed.capitalized)
    case "tojson": return .string(try json(value, given))
    case "replace": return .string(try replaced(value.printed, given))
    case "indent": return .string(try indented(value.printed, given))
    case "int":
      return .integer(number(value).flatMap { Int(exactly: $0.rounded(.towardZero)) } ?? 0)
    case "float": return .number(number(value) ?? 0)
    case "abs":
      if let whole = value.int, whole > Int.min { return .integer(abs(whole)) }
      return .number(abs(value.double ?? 0))
    case "items":
      if case .undefined = value { return .list([]) }
      guard case .dictionary(let items) = value else {
        throw fault(given.at, .wrongKind(operation: "the filter items", found: value.kind))
      }
      return .list(items.map { .list([.text($0), $1]) })
    default: return try listFilter(name, value, given)
    }
  }

  private mutating func listFilter(
    _ name: String, _ value: TemplateValue, _ given: TemplateGiven
  ) throws -> TemplateValue {
    guard Self.filters.contains(name) else {
      throw fault(given.at, .unknown(kind: "filter", name: name, known: Self.filters))
    }
    guard let values = value.elements else {
      throw fault(given.at, .wrongKind(operation: "the filter \(name)", found: value.kind))
    }
    try spendIterations(
      ["length", "count", "first", "last"].contains(name) ? 0 : values.count,
      at: given.at)
    switch name {
    case "length", "count": return .integer(values.count)
    case "first": return values.first ?? .undefined(name: "the first of nothing")
    case "last": return values.last ?? .undefined(name: "the last of nothing")
    case "list": return .list(values)
    case "reverse":
      if let text = value.string {
        var result = TemplateText()
        for index in (0..<text.count).reversed() { result.append(text[index..<index + 1]) }
        return .string(result)
      }
      return .list(values.reversed())
    case "unique":
      var kept: [TemplateValue] = []
      for value in values where !kept.contains(where: { $0.isEqual(value) }) { kept.append(value) }
      return .list(kept)
    case "dictsort":
      guard case .dictionary(let items) = value else {
        throw fault(given.at, .wrongKind(operation: "dictsort", found: value.kind))
      }
      let sorted = items.sorted { ($0.key.lowercased(), $0.key) < ($1.key.lowercased(), $1.key) }
      return .list(sorted.map { .list([.text($0.key), $0.value]) })
    case "join": return .string(try joined(values, given))
    case "map": return .list(try values.map { try mapped($0, given) })
    default:
      let byAttribute = name.hasSuffix("attr")
      let wanted = name.hasPrefix("select")
      return .list(try values.filter { try passes($0, given, byAttribute: byAttribute) == wanted })
    }
  }

  private mutating func joined(
    _ values: [TemplateValue], _ given: TemplateGiven
  ) throws -> TemplateText {
    let separator = given[0, "d"]?.printed ?? TemplateText()
    var result = TemplateText()
    for (index, value) in values.enumerated() {
      var value = value
      if let attribute = given[1, "attribute"] { value = part(value, attribute.printed.text) }
      if index > 0 { result.append(separator) }
      result.append(value.printed)
      try spend(value.printed.count + separator.count, at: given.at)
      if result.count > TemplateLimits.length { try spend(result.count, at: given.at) }
    }
    return result
  }

  private mutating func mapped(
    _ value: TemplateValue, _ given: TemplateGiven
  ) throws -> TemplateValue {
    if let attribute = given.named.last(where: { $0.0 == "attribute" }) {
      let found = part(value, attribute.1.printed.text)
      return found.isDefined ? found : given.named.last { $0.0 == "default" }?.1 ?? found
    }
    guard let name = given[0, ""]?.string?.text else {
      throw fault(given.at, .wrongKind(operation: "map", found: "no filter name"))
    }
    let rest = TemplateGiven(
      positional: Array(given.positional.dropFirst()), named: given.named, at: given.at)
    return try filter(name, value, rest)
  }

  private mutating func passes(
    _ value: TemplateValue, _ given: TemplateGiven, byAttribute: Bool
  ) throws -> Bool {
    var rest = given.positional
    var subject = value
    if byAttribute {
      guard !rest.isEmpty else {
        throw fault(given.at, .wrongKind(operation: "selectattr", found: "no attribute"))
      }
      subject = part(value, rest.removeFirst().printed.text)
    }
    if rest.isEmpty { return subject.isTrue }
    let name = rest.removeFirst().printed.text
    return try test(name, subject, TemplateGiven(positional: rest, at: given.at))
  }

  /// An attribute by its name, through dots.
  private func part(_ value: TemplateValue, _ path: String) -> TemplateValue {
    path.split(separator: ".").reduce(value) { value, name in
      if case .dictionary(let items) = value, let found = items[String(name)] { return found }
      if case .list(let values) = value, let index = Int(name), values.indices.contains(index) {
        return values[index]
      }
      return .undefined(name: path)
    }
  }

  private func number(_ value: TemplateValue) -> Double? {
    value.double ?? value.string.flatMap { Double($0.stripped(nil).text) }
  }

  /// As transformers sets it: ", " and ": ", no escapes for other alphabets or HTML.
  private mutating func json(_ value: TemplateValue, _ given: TemplateGiven) throws -> TemplateText
  {
    guard value.isDefined else { throw fault(given.at, .undefined("what tojson got")) }
    let indent = given[0, "indent"]?.int ?? given.named.last { $0.0 == "indent" }?.1.int
    let text = TemplateNotation(isPython: false, indent: indent.map { min(max($0, 0), 16) })
      .write(value)
    try spend(text.count, at: given.at)
    return text
  }

  private mutating func replaced(
    _ text: TemplateText, _ given: TemplateGiven
  ) throws -> TemplateText {
    guard let old = given[0, "old"]?.string, let new = given[1, "new"]?.string else {
      throw fault(given.at, .wrongKind(operation: "replace", found: "these arguments"))
    }
    let times = old.count == 0 ? 0 : text.split(old).count - 1
    try spend(text.count + times * new.count, at: given.at)
    return text.replacing(old, with: new, limit: given[2, "count"]?.int ?? -1)
  }

  private mutating func indented(
    _ text: TemplateText, _ given: TemplateGiven
  ) throws -> TemplateText {
    let width = min(max(given[0, "width"]?.int ?? 4, 0), 1024)
    let isFirst = given[1, "first"]?.isTrue ?? false
    let isBlank = given[2, "blank"]?.isTrue ?? false
    let padding = TemplateText(String(repeating: " ", count: width))
    var result = TemplateText()
    for (index, line) in text.split(TemplateText("\n")).enumerated() {
      if index > 0 { result.append(TemplateText("\n")) }
      if index > 0 ? isBlank || line.count > 0 : isFirst { result.append(padding) }
      result.append(line)
      try spend(line.count + width, at: given.at)
    }
    return result
  }
}
