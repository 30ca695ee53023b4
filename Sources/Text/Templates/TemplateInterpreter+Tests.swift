extension TemplateInterpreter {
  private static let tests = [
    "boolean", "callable", "defined", "divisibleby", "eq", "equalto", "even", "false", "float",
    "ge", "gt", "in", "integer", "iterable", "le", "lower", "lt", "mapping", "ne", "none",
    "number", "odd", "sequence", "string", "true", "undefined", "upper",
  ]

  func test(_ name: String, _ value: TemplateValue, _ given: TemplateGiven) throws -> Bool {
    switch name {
    case "defined": return value.isDefined
    case "undefined": return !value.isDefined
    case "none":
      guard case .none = value else { return false }
      return true
    case "boolean":
      guard case .bool = value else { return false }
      return true
    case "true":
      guard case .bool(true) = value else { return false }
      return true
    case "false":
      guard case .bool(false) = value else { return false }
      return true
    case "integer":
      guard case .integer = value else { return false }
      return true
    case "float":
      guard case .number = value else { return false }
      return true
    case "number": return value.double != nil
    case "string": return value.string != nil
    case "mapping":
      guard case .dictionary = value else { return false }
      return true
    case "iterable": return value.elements != nil
    case "sequence":
      switch value {
      case .string, .list, .dictionary, .undefined: return true
      default: return false
      }
    case "callable":
      switch value {
      case .macro, .function: return true
      default: return false
      }
    case "lower", "upper":
      guard let text = value.string else { return false }
      let wanted = name == "lower" ? text.lowercased : text.uppercased
      return text.scalars == wanted.scalars && text.lowercased.scalars != text.uppercased.scalars
    case "odd", "even", "divisibleby":
      let divisor = name == "divisibleby" ? given[0, "num"]?.int ?? 0 : 2
      guard let whole = value.int, divisor != 0 else {
        throw fault(given.at, .wrongKind(operation: "the test \(name)", found: value.kind))
      }
      return (whole.remainderReportingOverflow(dividingBy: divisor).partialValue == 0)
        != (name == "odd")
    default: return try relation(name, value, given)
    }
  }

  /// Tests that compare with an argument.
  private func relation(
    _ name: String, _ value: TemplateValue, _ given: TemplateGiven
  ) throws -> Bool {
    let signs: [String: String] = [
      "eq": "==", "equalto": "==", "==": "==", "ne": "!=", "!=": "!=", "lt": "<", "lessthan": "<",
      "<": "<", "le": "<=", "<=": "<=", "gt": ">", "greaterthan": ">", ">": ">", "ge": ">=",
      ">=": ">=", "in": "in",
    ]
    guard let sign = signs[name] else {
      throw fault(given.at, .unknown(kind: "test", name: name, known: Self.tests))
    }
    guard let other = given[0, "other"] else {
      throw fault(given.at, .wrongKind(operation: "the test \(name)", found: "no argument"))
    }
    return try compare(sign, value, other, at: given.at)
  }
}
