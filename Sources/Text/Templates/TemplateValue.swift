import JSON
import OrderedCollections

/// A value of a template.
enum TemplateValue: Sendable {
  case undefined(name: String)
  case none
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(TemplateText)
  case list([TemplateValue])
  case dictionary(OrderedDictionary<String, TemplateValue>)
  /// Mutable, so it lives in the interpreter: an index there.
  case namespace(Int)
  case macro(Int)
  case function(String)

  init(_ json: JSON, isTrusted: Bool) {
    switch json {
    case .null: self = .none
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .number(value)
    case .string(let value): self = .string(TemplateText(value, isTrusted: isTrusted))
    case .array(let values): self = .list(values.map { TemplateValue($0, isTrusted: isTrusted) })
    case .object(let values):
      self = .dictionary(values.mapValues { TemplateValue($0, isTrusted: isTrusted) })
    }
  }

  static func text(_ text: String) -> TemplateValue { .string(TemplateText(text)) }

  var kind: String {
    switch self {
    case .undefined(let name): "undefined \(name)"
    case .none: "none"
    case .bool: "a boolean"
    case .integer: "an integer"
    case .number: "a number"
    case .string: "a string"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .namespace: "a namespace"
    case .macro: "a macro"
    case .function: "a function"
    }
  }

  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .integer(let value): value != 0
    case .number(let value): value != 0
    case .string(let text): text.count > 0
    case .list(let values): !values.isEmpty
    case .dictionary(let values): !values.isEmpty
    case .namespace, .macro, .function: true
    }
  }

  var isDefined: Bool { if case .undefined = self { false } else { true } }

  var string: TemplateText? { if case .string(let text) = self { text } else { nil } }

  /// Integers and booleans, as Python counts.
  var int: Int? {
    switch self {
    case .integer(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }

  var double: Double? { if case .number(let value) = self { value } else { int.map(Double.init) } }

  /// Elements, characters or keys; empty for undefined; nil for what cannot be iterated.
  var elements: [TemplateValue]? {
    switch self {
    case .undefined: []
    case .string(let text): (0..<text.count).map { .string(text[$0..<$0 + 1]) }
    case .list(let values): values
    case .dictionary(let values): values.keys.map { .text($0) }
    default: nil
    }
  }

  func isEqual(_ other: TemplateValue) -> Bool {
    switch (self, other) {
    case (.undefined, .undefined), (.none, .none): return true
    case (.string(let left), .string(let right)): return left.scalars == right.scalars
    case (.list(let left), .list(let right)):
      return left.count == right.count && zip(left, right).allSatisfy { $0.isEqual($1) }
    case (.dictionary(let left), .dictionary(let right)):
      return left.count == right.count
        && left.allSatisfy { key, value in right[key].map { value.isEqual($0) } ?? false }
    case (.namespace(let left), .namespace(let right)): return left == right
    case (.macro(let left), .macro(let right)): return left == right
    default:
      if let left = int, let right = other.int { return left == right }
      if let left = double, let right = other.double { return left == right }
      return false
    }
  }

  /// What `{{ value }}` prints.
  var printed: TemplateText {
    switch self {
    case .undefined: TemplateText()
    case .string(let text): text
    default: TemplateNotation.python.write(self)
    }
  }
}

/// How values are spelt: as Python prints them or as JSON.
struct TemplateNotation {
  var isPython: Bool
  var indent: Int?

  static let python = TemplateNotation(isPython: true)

  func write(_ value: TemplateValue) -> TemplateText {
    var result = TemplateText()
    write(value, level: 0, to: &result)
    return result
  }

  private func write(_ value: TemplateValue, level: Int, to result: inout TemplateText) {
    switch value {
    case .undefined: result.append(TemplateText(isPython ? "Undefined" : "null"))
    case .none: result.append(TemplateText(isPython ? "None" : "null"))
    case .bool(let value):
      let name = value ? "true" : "false"
      result.append(TemplateText(isPython ? name.prefix(1).uppercased() + name.dropFirst() : name))
    case .integer(let value): result.append(TemplateText("\(value)"))
    case .number(let value): result.append(TemplateText("\(value)"))
    case .string(let text): write(text, to: &result)
    case .list(let values):
      writeAll(values.map { (nil, $0) }, "[", "]", level, to: &result)
    case .dictionary(let values):
      writeAll(values.map { ($0, $1) }, "{", "}", level, to: &result)
    case .namespace, .macro, .function: result.append(TemplateText("<\(value.kind)>"))
    }
  }

  private func writeAll(
    _ items: [(String?, TemplateValue)], _ open: String, _ close: String, _ level: Int,
    to result: inout TemplateText
  ) {
    result.append(TemplateText(open))
    func newLine(_ level: Int) {
      guard let indent, !items.isEmpty else { return }
      result.append(TemplateText("\n" + String(repeating: " ", count: indent * level)))
    }
    for (index, item) in items.enumerated() {
      if index > 0 { result.append(TemplateText(indent == nil ? ", " : ",")) }
      newLine(level + 1)
      if let key = item.0 {
        // Keys may come from the conversation: never trusted.
        write(TemplateText(key, isTrusted: false), to: &result)
        result.append(TemplateText(": "))
      }
      write(item.1, level: level + 1, to: &result)
    }
    newLine(level)
    result.append(TemplateText(close))
  }

  private func write(_ text: TemplateText, to result: inout TemplateText) {
    let quote: Unicode.Scalar =
      isPython && !(text.scalars.contains("'") && !text.scalars.contains("\"")) ? "'" : "\""
    result.append(quote, isTrusted: true)
    result.append(
      text.mapped { scalar, _ in
        switch scalar {
        case "\\": "\\\\"
        case quote: "\\\(quote)"
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case "\u{8}" where !isPython: "\\b"
        case "\u{C}" where !isPython: "\\f"
        case _ where scalar.value < 0x20 || scalar.value == 0x7F && isPython: escape(scalar.value)
        default: String(scalar)
        }
      })
    result.append(quote, isTrusted: true)
  }

  private func escape(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    let width = isPython ? 2 : 4
    let padding = String(repeating: "0", count: width - min(digits.count, width))
    return (isPython ? "\\x" : "\\u") + padding + digits
  }
}
