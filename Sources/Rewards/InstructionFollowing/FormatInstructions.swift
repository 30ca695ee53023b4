/// Exactly so many points of a Markdown list, with `*` or `-`.
struct BulletCount: InstructionRule {
  private let count: Int

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    count = try arguments.number("num_bullets")
  }

  func isFollowed(by response: Scalars) -> Bool {
    // `^\s*\*[^\*].*$` and `^\s*-.*$`.
    let starred = bullets(response) { text, index in
      guard text[index] == "*", index + 1 < text.count, text[index + 1] != "*" else { return nil }
      return index + 2
    }
    return starred + bullets(response) { $0[$1] == "-" ? $1 + 1 : nil } == count
  }

  /// Line beginnings, behind white space, that `body` accepts; it says where the rest of the line begins.
  private func bullets(_ text: Scalars, _ body: (Scalars, Int) -> Int?) -> Int {
    var found = 0
    var start = 0
    while start < text.count {
      let mark = text.afterSpaces(from: start)
      var end = start
      if mark < text.count, let rest = body(text, mark) {
        found += 1
        end = rest
      }
      // White space may reach over lines, so what follows is sought where this match ended.
      while end < text.count, text[end] != "\n" { end += 1 }
      start = end + 1
    }
    return found
  }
}

/// One of the three answers that the prompt allows is somewhere.
struct ConstrainedResponse: InstructionRule {
  private static let options = ["My answer is yes.", "My answer is no.", "My answer is maybe."]

  func isFollowed(by response: Scalars) -> Bool {
    ConstrainedResponse.options.contains { !response.places(of: Scalars(of: $0)).isEmpty }
  }
}

/// At least so many parts highlighted as in Markdown; bold ones count twice where both patterns find them.
struct HighlightedSections: InstructionRule {
  private let count: Int

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    count = try arguments.number("num_highlights")
  }

  func isFollowed(by response: Scalars) -> Bool {
    highlights(response, mark: Scalars(of: "*")) + highlights(response, mark: Scalars(of: "**"))
      >= count
  }

  /// Parts between two marks with neither an asterisk nor a line's end, that are not blank.
  private func highlights(_ text: Scalars, mark: Scalars) -> Int {
    var found = 0
    var index = 0
    while index < text.count {
      guard text.has(mark, at: index) else {
        index += 1
        continue
      }
      var end = index + mark.count
      while end < text.count, text[end] != "*", text[end] != "\n" { end += 1 }
      guard text.has(mark, at: end) else {
        index += 1
        continue
      }
      if !text[(index + mark.count)..<end].isBlank { found += 1 }
      index = end + mark.count
    }
    return found
  }
}

/// At least so many sections, each begun with a word and a number.
struct SectionCount: InstructionRule {
  private let splitter: Scalars
  private let count: Int

  init(_ arguments: InstructionArguments) throws(InstructionProblem) {
    splitter = Array(try arguments.text("section_spliter").stripped())
    count = try arguments.number("num_sections")
  }

  func isFollowed(by response: Scalars) -> Bool {
    let found = response.places(of: splitter).count { place in
      var index = place + splitter.count
      if index < response.count, response[index].isPythonSpace { index += 1 }
      return index < response.count && response[index].isPythonDigit
    }
    return found >= count
  }
}

/// The whole is JSON, within a fence or without.
struct JSONResponse: InstructionRule {
  func isFollowed(by response: Scalars) -> Bool {
    var text = response.stripped()
    for fence in ["```json", "```Json", "```JSON", "```"] {
      let fence = Scalars(of: fence)
      if text.starts(with: fence) { text = text.dropFirst(fence.count) }
    }
    if text.suffix(3).elementsEqual(Scalars(of: "```")) { text = text.dropLast(3) }
    return JSONText.isValid(Array(text.stripped()))
  }
}

/// A title in double angular brackets, within a line.
struct TitleExists: InstructionRule {
  func isFollowed(by response: Scalars) -> Bool {
    response.split(at: ["\n"]).contains { line in
      guard let open = line.places(of: Scalars(of: "<<")).first,
        let close = line.indices.last(where: { line.has(Scalars(of: ">>"), at: $0) }),
        close > open + 2
      else { return false }
      let title = line[open..<close + 2].drop { $0 == "<" }
      return !title.reversed().drop { $0 == ">" }.isBlank
    }
  }
}

/// Double quotation marks around the whole.
struct Quotation: InstructionRule {
  func isFollowed(by response: Scalars) -> Bool {
    let text = response.stripped()
    return text.count > 1 && text.first == "\"" && text.last == "\""
  }
}

struct NoComma: InstructionRule {
  func isFollowed(by response: Scalars) -> Bool { !response.contains(",") }
}
