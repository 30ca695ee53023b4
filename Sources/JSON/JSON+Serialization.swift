extension JSON {
  public enum Style: Sendable {
    /// One line without spaces, keys in their order.
    case compact
    /// Two spaces of indentation, as Hugging Face files are written.
    case pretty
    /// One line without spaces, keys sorted by their bytes: equal documents give equal bytes.
    case canonical
  }

  /// The document as text; a number that JSON cannot write (NaN, infinities) becomes null.
  public func serialized(_ style: Style = .compact) -> String {
    var text = ""
    write(to: &text, style, indentation: 0)
    return text
  }

  private func write(to text: inout String, _ style: Style, indentation: Int) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value.isFinite ? "\(value)" : "null"
    case .string(let value): JSON.write(value, to: &text)
    case .array(let elements):
      JSON.write(elements, "[", "]", to: &text, style, indentation) { element, text in
        element.write(to: &text, style, indentation: indentation + 1)
      }
    case .object(let members):
      let ordered =
        style == .canonical
        ? members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        : members.map { (key: $0.key, value: $0.value) }
      JSON.write(ordered, "{", "}", to: &text, style, indentation) { member, text in
        JSON.write(member.key, to: &text)
        text += style == .pretty ? ": " : ":"
        member.value.write(to: &text, style, indentation: indentation + 1)
      }
    }
  }

  private static func write<Element>(
    _ elements: [Element], _ open: String, _ close: String, to text: inout String, _ style: Style,
    _ indentation: Int, _ write: (Element, inout String) -> Void
  ) {
    text += open
    for (index, element) in elements.enumerated() {
      if index > 0 { text += "," }
      if style == .pretty { text += "\n" + String(repeating: "  ", count: indentation + 1) }
      write(element, &text)
    }
    if style == .pretty, !elements.isEmpty {
      text += "\n" + String(repeating: "  ", count: indentation)
    }
    text += close
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..."\u{1F}", "\u{7F}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
