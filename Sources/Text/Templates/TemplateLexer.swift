/// A part of a template's source.
struct TemplateToken: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    case text(String)
    case beginBlock, endBlock, beginOutput, endOutput
    case name(String)
    case string(String)
    case integer(Int)
    case number(Double)
    case sign(String)
    case end
  }
  var kind: Kind
  var at: Int

  var name: String {
    switch kind {
    case .text: "text"
    case .beginBlock: "{%"
    case .endBlock: "%}"
    case .beginOutput: "{{"
    case .endOutput: "}}"
    case .name(let name): "\"\(name)\""
    case .string(let text): "the string \"\(text)\""
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .sign(let sign): "\"\(sign)\""
    case .end: "the end of the template"
    }
  }
}

/// Cuts a template into tokens, with white space as transformers sets it: `trim_blocks` and
/// `lstrip_blocks` are on, and one newline at the very end is dropped.
struct TemplateLexer {
  let source: [Unicode.Scalar]
  var position = 0
  var tokens: [TemplateToken] = []

  init(source: [Unicode.Scalar]) { self.source = source }

  /// The source with `\n` as its only line ending and without the last one.
  static func normalized(_ source: String) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    for scalar in source.unicodeScalars {
      if scalar == "\n" && result.last == "\r" { result.removeLast() }
      result.append(scalar)
    }
    result = result.map { $0 == "\r" ? "\n" : $0 }
    if result.last == "\n" { result.removeLast() }
    return result
  }

  mutating func run() throws -> [TemplateToken] {
    while position < source.count {
      let start = position
      guard let open = nextOpening() else {
        emitText(start, source.count)
        position = source.count
        break
      }
      let kind = source[open + 1]
      let mark = open + 2 < source.count ? source[open + 2] : " "
      emitText(start, textEnd(start, open, kind, mark))
      position = open + 2 + (mark == "-" || mark == "+" ? 1 : 0)
      if kind == "#" {
        try skipComment(open)
      } else if kind == "%", try lexRaw(open) {
        continue
      } else {
        try lexInside(open, isBlock: kind == "%")
      }
    }
    tokens.append(TemplateToken(kind: .end, at: source.count))
    return tokens
  }

  func matches(_ text: String, at index: Int) -> Bool {
    source[min(index, source.count)...].starts(with: text.unicodeScalars)
  }

  private func nextOpening() -> Int? {
    var index = position
    while index + 1 < source.count {
      if source[index] == "{" && ["{", "%", "#"].contains(source[index + 1]) { return index }
      index += 1
    }
    return nil
  }

  private mutating func emitText(_ start: Int, _ end: Int) {
    if end <= start { return }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: source[start..<end])
    tokens.append(TemplateToken(kind: .text(String(view)), at: start))
  }

  /// Where the text before a tag ends, after the tag's mark or `lstrip_blocks` has taken its share.
  private func textEnd(
    _ start: Int, _ open: Int, _ kind: Unicode.Scalar, _ mark: Unicode.Scalar
  ) -> Int {
    var end = open
    if mark == "-" {
      while end > start && TemplateText.isSpace(source[end - 1]) { end -= 1 }
      return end
    }
    if mark == "+" || kind == "{" { return open }
    while end > start && source[end - 1] != "\n" && TemplateText.isSpace(source[end - 1]) {
      end -= 1
    }
    return end == 0 || source[end - 1] == "\n" ? end : open
  }

  /// After a tag: `-` takes all white space; a block or a comment takes one newline.
  mutating func close(_ mark: Unicode.Scalar, isBlock: Bool) {
    if mark == "-" {
      while position < source.count && TemplateText.isSpace(source[position]) { position += 1 }
    } else if isBlock && mark != "+" && position < source.count && source[position] == "\n" {
      position += 1
    }
  }

  private mutating func skipComment(_ open: Int) throws {
    while position < source.count && !matches("#}", at: position) { position += 1 }
    if position >= source.count { throw TemplateFault(at: open, problem: .unclosed("{#")) }
    let mark = position > open + 2 ? source[position - 1] : " "
    position += 2
    close(mark, isBlock: true)
  }

  /// `{% raw %} … {% endraw %}`; says whether it was one.
  private mutating func lexRaw(_ open: Int) throws -> Bool {
    guard let inside = endOfTag(named: "raw", from: position) else { return false }
    position = inside.after
    // Unlike every other block, Jinja's "raw" keeps the newline after it.
    close(inside.mark, isBlock: false)
    let start = position
    var index = position
    while index < source.count {
      if matches("{%", at: index) {
        let mark = index + 2 < source.count ? source[index + 2] : " "
        let from = index + 2 + (mark == "-" || mark == "+" ? 1 : 0)
        if let end = endOfTag(named: "endraw", from: from) {
          emitText(start, textEnd(start, index, "%", mark))
          position = end.after
          close(end.mark, isBlock: true)
          return true
        }
      }
      index += 1
    }
    throw TemplateFault(at: open, problem: .unclosed("{% raw %}"))
  }

  private func endOfTag(
    named name: String, from start: Int
  ) -> (after: Int, mark: Unicode.Scalar)? {
    var index = start
    while index < source.count && TemplateText.isSpace(source[index]) { index += 1 }
    guard matches(name, at: index) else { return nil }
    index += name.unicodeScalars.count
    while index < source.count && TemplateText.isSpace(source[index]) { index += 1 }
    guard index < source.count else { return nil }
    let mark = source[index]
    if mark == "-" || mark == "+" { index += 1 }
    return matches("%}", at: index) ? (index + 2, mark) : nil
  }
}
