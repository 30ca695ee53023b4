public import JSON
public import Text

/// What comes before an answer: text as it is, or messages that the chat template will frame.
public enum Prompt: Sendable, Equatable {
  case text(String)
  case messages([ChatMessage])
}

/// One row of a dataset, whatever layout it came in.
public enum Row: Sendable, Equatable {
  case text(String)

  /// Turns that alternate from the user on, behind a system message or none, up to an assistant.
  case conversation([ChatMessage])
  case completion(prompt: Prompt, completion: String)
  case preference(prompt: Prompt, chosen: String, rejected: String, margin: Double?)
  case unpaired(prompt: Prompt, completion: String, label: Bool)

  /// A prompt to answer, with the right answer if it is known; `fields` is the whole row.
  case problem(prompt: Prompt, answer: String?, fields: JSON)

  /// The row's kind, for messages.
  public var kind: String {
    switch self {
    case .text: "text"
    case .conversation: "conversation"
    case .completion: "completion"
    case .preference: "preference"
    case .unpaired: "unpaired"
    case .problem: "problem"
    }
  }
}

/// A row and where it stood; rows and lines count from one.
public struct LocatedRow: Sendable, Equatable {
  public let row: Int
  public let line: Int
  public let content: Row

  public init(row: Int, line: Int, content: Row) {
    self.row = row
    self.line = line
    self.content = content
  }
}

extension Row {
  /// Everything that tells this row from another.
  public var words: [String] { texts }

  var texts: [String] {
    switch self {
    case .text(let text): [text]
    case .conversation(let messages): Prompt.messages(messages).texts
    case .completion(let prompt, let completion): prompt.texts + [completion]
    case .preference(let prompt, let chosen, let rejected, _): prompt.texts + [chosen, rejected]
    case .unpaired(let prompt, let completion, let label): prompt.texts + [completion, "\(label)"]
    case .problem(let prompt, let answer, _): prompt.texts + [answer ?? ""]
    }
  }
}

extension Prompt {
  var texts: [String] {
    switch self {
    case .text(let text): [text]
    case .messages(let messages): messages.flatMap { [$0.role, $0.content] }
    }
  }
}
