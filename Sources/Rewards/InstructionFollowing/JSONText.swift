/// Whether a text is JSON as Python's `json.loads` reads it: any value, equal keys and `NaN` allowed.
///
/// The project's own reader is stricter, and would judge otherwise than the published program. Nesting costs memory, not stack.
struct JSONText {
  private let text: Scalars
  private var index = 0
  /// The brackets that are open: whether each is an object's.
  private var open: [Bool] = []

  static func isValid(_ text: Scalars) -> Bool {
    var reader = JSONText(text: text)
    return reader.readAll()
  }

  private init(text: Scalars) { self.text = text }

  private mutating func readAll() -> Bool {
    repeat {
      guard readToValueEnd() else { return false }
      // A value has ended: close what it ends, or go on behind its comma.
      skipSpaces()
      while let isObject = open.last, take(isObject ? "}" : "]") {
        open.removeLast()
        skipSpaces()
      }
      guard let isObject = open.last else { return index == text.count }
      guard take(",") else { return false }
      if isObject, !readKey() { return false }
    } while true
  }

  /// Opens brackets until a value that holds no others, or an empty bracket, has been read.
  private mutating func readToValueEnd() -> Bool {
    while true {
      skipSpaces()
      if take("{") {
        skipSpaces()
        if take("}") { return true }
        open.append(true)
        if !readKey() { return false }
      } else if take("[") {
        skipSpaces()
        if take("]") { return true }
        open.append(false)
      } else {
        return readScalar()
      }
    }
  }

  private mutating func readKey() -> Bool {
    skipSpaces()
    guard take("\""), readString() else { return false }
    skipSpaces()
    return take(":")
  }

  private mutating func readScalar() -> Bool {
    if take("\"") { return readString() }
    for word in ["null", "true", "false", "NaN", "Infinity", "-Infinity"] {
      let word = Scalars(of: word)
      if text.has(word, at: index) {
        index += word.count
        return true
      }
    }
    _ = take("-")
    guard take("0") || readDigits() else { return false }
    let whole = index
    if take("."), !readDigits() {
      index = whole
      return true
    }
    let fraction = index
    if take("e") || take("E") {
      if !take("-") { _ = take("+") }
      if !readDigits() { index = fraction }
    }
    return true
  }

  /// The rest of a string, behind its first quotation mark.
  private mutating func readString() -> Bool {
    while index < text.count {
      let scalar = text[index]
      index += 1
      switch scalar {
      case "\"": return true
      case "\\":
        guard index < text.count else { return false }
        let escape = text[index]
        index += 1
        if escape == "u" {
          let digits = text[index...].prefix(4)
          guard digits.count == 4, digits.allSatisfy(\.properties.isASCIIHexDigit) else {
            return false
          }
          index += 4
        } else if !Scalars(of: "\"\\/bfnrt").contains(escape) {
          return false
        }
      default: if scalar.value < 0x20 { return false }
      }
    }
    return false
  }

  private mutating func readDigits() -> Bool {
    let start = index
    while index < text.count, ("0"..."9").contains(text[index]) { index += 1 }
    return index > start
  }

  private mutating func skipSpaces() {
    while index < text.count, [" ", "\t", "\n", "\r"].contains(text[index]) { index += 1 }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard index < text.count, text[index] == scalar else { return false }
    index += 1
    return true
  }
}
