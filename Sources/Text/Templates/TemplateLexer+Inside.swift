extension TemplateLexer {
  private static let signs = [
    "//", "**", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")", "[",
    "]", "{", "}", ",", ":", ".", "|",
  ]

  /// The tokens between `{%` and `%}` or `{{` and `}}`.
  mutating func lexInside(_ open: Int, isBlock: Bool) throws {
    tokens.append(TemplateToken(kind: isBlock ? .beginBlock : .beginOutput, at: open))
    let closing = isBlock ? "%}" : "}}"
    // Inside brackets "}}" closes two dictionaries, not the tag.
    var brackets = 0
    while position < source.count {
      let scalar = source[position]
      if TemplateText.isSpace(scalar) {
        position += 1
        continue
      }
      let isMarked = (scalar == "-" || scalar == "+") && matches(closing, at: position + 1)
      if brackets == 0 && (isMarked || matches(closing, at: position)) {
        tokens.append(TemplateToken(kind: isBlock ? .endBlock : .endOutput, at: position))
        position += isMarked ? 3 : 2
        close(isMarked ? scalar : " ", isBlock: isBlock)
        return
      }
      let start = position
      if scalar == "'" || scalar == "\"" {
        tokens.append(TemplateToken(kind: .string(try lexString(scalar)), at: start))
      } else if ("0"..."9").contains(scalar) {
        tokens.append(TemplateToken(kind: try lexNumber(), at: start))
      } else if scalar == "_" || scalar.properties.isAlphabetic {
        tokens.append(TemplateToken(kind: .name(lexName()), at: start))
      } else if let sign = Self.signs.first(where: { matches($0, at: start) }) {
        if ["(", "[", "{"].contains(sign) { brackets += 1 }
        if [")", "]", "}"].contains(sign) { brackets -= 1 }
        position += sign.unicodeScalars.count
        tokens.append(TemplateToken(kind: .sign(sign), at: start))
      } else {
        throw TemplateFault(
          at: start, problem: .unexpected(found: "\"\(scalar)\"", expected: "an expression"))
      }
    }
    throw TemplateFault(at: open, problem: .unclosed(isBlock ? "{%" : "{{"))
  }

  private mutating func lexName() -> String {
    var name = String.UnicodeScalarView()
    while position < source.count {
      let scalar = source[position]
      guard scalar == "_" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) else {
        break
      }
      name.append(scalar)
      position += 1
    }
    return String(name)
  }

  private mutating func lexNumber() throws -> TemplateToken.Kind {
    let start = position
    var digits = ""
    func isDigit(_ index: Int) -> Bool {
      index < source.count && (("0"..."9").contains(source[index]) || source[index] == "_")
    }
    var isWhole = true
    while position < source.count {
      let scalar = source[position]
      if isDigit(position) {
        if scalar != "_" { digits.unicodeScalars.append(scalar) }
      } else if scalar == "." && isWhole && isDigit(position + 1) {
        isWhole = false
        digits += "."
      } else {
        break
      }
      position += 1
    }
    if isWhole, let value = Int(digits) { return .integer(value) }
    if !isWhole, let value = Double(digits) { return .number(value) }
    throw TemplateFault(
      at: start, problem: .unexpected(found: digits, expected: "a number of 64 bits"))
  }

  private mutating func lexString(_ quote: Unicode.Scalar) throws -> String {
    let open = position
    var text = String.UnicodeScalarView()
    position += 1
    while position < source.count {
      let scalar = source[position]
      position += 1
      if scalar == quote { return String(text) }
      if scalar != "\\" || position >= source.count {
        text.append(scalar)
        continue
      }
      let escaped = source[position]
      position += 1
      switch escaped {
      case "n": text.append("\n")
      case "t": text.append("\t")
      case "r": text.append("\r")
      case "b": text.append("\u{8}")
      case "f": text.append("\u{C}")
      case "v": text.append("\u{B}")
      case "a": text.append("\u{7}")
      case "0": text.append("\u{0}")
      case "\\", "'", "\"": text.append(escaped)
      case "\n": break
      case "x": text.append(try lexHexadecimal(2))
      case "u": text.append(try lexHexadecimal(4))
      case "U": text.append(try lexHexadecimal(8))
      default:
        text.append("\\")
        text.append(escaped)
      }
    }
    throw TemplateFault(at: open, problem: .unclosed("the string"))
  }

  private mutating func lexHexadecimal(_ count: Int) throws -> Unicode.Scalar {
    var digits = String.UnicodeScalarView()
    digits.append(contentsOf: source[position..<min(position + count, source.count)])
    guard let value = UInt32(String(digits), radix: 16), let scalar = Unicode.Scalar(value) else {
      throw TemplateFault(
        at: position,
        problem: .unexpected(found: String(digits), expected: "\(count) hexadecimal digits"))
    }
    position += count
    return scalar
  }
}
