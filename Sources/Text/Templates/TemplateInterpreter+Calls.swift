import Glibc
import OrderedCollections

extension TemplateInterpreter {
  static let functions = ["range", "namespace", "raise_exception", "strftime_now", "dict"]

  mutating func call(
    _ callee: TemplateExpression, _ arguments: TemplateArguments, at: Int
  ) throws -> TemplateValue {
    let given = try given(arguments, at: at)
    if case .attribute(let object, let name) = callee.kind {
      return try method(name, of: try evaluate(object), given)
    }
    switch try evaluate(callee) {
    case .macro(let index): return try call(macro: index, given.positional, given.named, at: at)
    case .function(let name): return try call(function: name, given)
    case .undefined(let name):
      throw fault(at, .unknown(kind: "function", name: name, known: Self.functions))
    case let other: throw fault(at, .wrongKind(operation: "a call", found: other.kind))
    }
  }

  private mutating func call(function name: String, _ given: TemplateGiven) throws -> TemplateValue
  {
    switch name {
    case "range": return .list(try range(given))
    case "raise_exception":
      throw fault(given.at, .raised(given[0, "message"]?.printed.text ?? ""))
    case "strftime_now": return .text(try date(given))
    default:
      var items: OrderedDictionary<String, TemplateValue> = [:]
      if case .dictionary(let first) = given[0, ""] { items = first }
      for (key, value) in given.named { items[key] = value }
      if name == "dict" { return .dictionary(items) }
      namespaces.append(items)
      return .namespace(namespaces.count - 1)
    }
  }

  private mutating func range(_ given: TemplateGiven) throws -> [TemplateValue] {
    let bounds = given.positional.compactMap(\.int)
    guard (1...3).contains(bounds.count), bounds.count == given.positional.count else {
      throw fault(given.at, .wrongKind(operation: "range", found: "these arguments"))
    }
    let (start, stop) = bounds.count == 1 ? (0, bounds[0]) : (bounds[0], bounds[1])
    let step = bounds.count == 3 ? bounds[2] : 1
    if step == 0 { throw fault(given.at, .divisionByZero) }
    var values: [TemplateValue] = []
    for value in stride(from: start, to: stop, by: step) {
      try spendIterations(1, at: given.at)
      values.append(.integer(value))
    }
    return values
  }

  /// The date of the variable `now` (seconds since 1970, UTC), or else 26 July 2024, the date that Llama's
  /// templates fall back to: what a model is trained on must not depend on the day of the run.
  private func date(_ given: TemplateGiven) throws -> String {
    var seconds = time_t(lookUp("now").int ?? 1_721_952_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var buffer = [CChar](repeating: 0, count: 256)
    let format = given[0, "format"]?.printed.text ?? "%d %b %Y"
    let count = strftime(&buffer, buffer.count, format, &parts)
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private mutating func method(
    _ name: String, of object: TemplateValue, _ given: TemplateGiven
  ) throws -> TemplateValue {
    switch object {
    case .string(let text):
      try spend(text.count, at: given.at)
      return try method(name, of: text, given)
    case .dictionary(let items):
      switch name {
      case "items": return .list(items.map { .list([.text($0), $1]) })
      case "keys": return .list(items.keys.map { .text($0) })
      case "values": return .list(Array(items.values))
      case "get":
        let key = given[0, "key"]?.printed.text ?? ""
        return items[key] ?? given[1, "default"] ?? .none
      default:
        if case .macro(let index) = items[name] {
          return try call(macro: index, given.positional, given.named, at: given.at)
        }
        throw fault(
          given.at,
          .unknown(
            kind: "method of a dictionary", name: name, known: ["items", "keys", "values", "get"]))
      }
    case .undefined(let name): throw fault(given.at, .undefined(name))
    default:
      throw fault(given.at, .wrongKind(operation: "the method \(name)", found: object.kind))
    }
  }

  private mutating func method(
    _ name: String, of text: TemplateText, _ given: TemplateGiven
  ) throws -> TemplateValue {
    let first = given[0, ""]?.string
    func prefixes() -> [TemplateText] {
      if case .list(let values) = given[0, ""] { return values.compactMap(\.string) }
      return first.map { [$0] } ?? []
    }
    switch name {
    case "strip": return .string(text.stripped(first?.scalars))
    case "lstrip": return .string(text.stripped(first?.scalars, right: false))
    case "rstrip": return .string(text.stripped(first?.scalars, left: false))
    case "split":
      if let first, first.count == 0 {
        throw fault(given.at, .wrongKind(operation: "split", found: "an empty separator"))
      }
      let limit = given[1, "maxsplit"]?.int ?? -1
      return .list(text.split(first, limit: limit).map { .string($0) })
    case "startswith": return .bool(prefixes().contains { text.hasPrefix($0) })
    case "endswith": return .bool(prefixes().contains { text.hasSuffix($0) })
    case "replace": return try filter("replace", .string(text), given)
    case "upper": return .string(text.uppercased)
    case "lower": return .string(text.lowercased)
    case "title": return .string(text.titlecased)
    case "capitalize": return .string(text.capitalized)
    case "find": return .integer(first.flatMap { text.find($0) } ?? -1)
    case "count":
      return .integer(first.map { $0.count == 0 ? text.count + 1 : text.split($0).count - 1 } ?? 0)
    case "join":
      return try filter(
        "join", given[0, ""] ?? .list([]),
        TemplateGiven(positional: [.string(text)], at: given.at))
    default:
      throw fault(
        given.at,
        .unknown(
          kind: "method of a string", name: name,
          known: [
            "strip", "lstrip", "rstrip", "split", "startswith", "endswith", "replace", "upper",
            "lower", "title", "capitalize", "find", "count", "join",
          ]))
    }
  }
}
