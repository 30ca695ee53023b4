internal import Text

extension Row {
  /// What is asked before the last answer; nil for plain text.
  public var prompt: Prompt? {
    switch self {
    case .text: nil
    case .conversation(let messages): .messages(Array(messages.dropLast()))
    case .completion(let prompt, _), .preference(let prompt, _, _, _), .unpaired(let prompt, _, _),
      .problem(let prompt, _, _):
      prompt
    }
  }

  /// The last answer, the better one of a pair; nil where a row has none.
  public var answer: String? {
    switch self {
    case .text, .problem: nil
    case .conversation(let messages): messages.last?.content
    case .completion(_, let completion), .unpaired(_, let completion, _): completion
    case .preference(_, let chosen, _, _): chosen
    }
  }

  /// Each thing that a person asks in it, in order; a plain text is one.
  public var questions: [String] {
    switch prompt {
    case nil: texts
    case .text(let text): [text]
    case .messages(let messages):
      messages.filter { $0.role == "user" }.map(\.content)
    }
  }
}

extension Row {
  /// How many tokens training reads of it: with the longer answer of a pair, and of a problem the
  /// prompt alone.
  public func tokenCount(_ encoding: some ExampleEncoding) throws -> Int {
    switch self {
    case .text(let text): return try encoding.encode(text: text).count + 1
    case .conversation(let messages):
      return try encoding.encode(conversation: messages, supervision: .assistant).ids.count
    case .completion(let prompt, let answer), .unpaired(let prompt, let answer, _):
      return try Row.count(encoding.encode(prompt, answer: answer))
    case .preference(let prompt, let chosen, let rejected, _):
      return try max(
        Row.count(encoding.encode(prompt, answer: chosen)),
        Row.count(encoding.encode(prompt, answer: rejected)))
    case .problem(let prompt, _, _): return try encoding.encode(prompt).count
    }
  }

  private static func count(_ parts: (prompt: [TokenID], answer: [TokenID])) -> Int {
    parts.prompt.count + parts.answer.count
  }
}
