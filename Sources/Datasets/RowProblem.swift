public import JSON

/// What is wrong with one row.
public enum RowProblem: Error, Equatable, Sendable {
  case notJSON(JSONError)
  case notAnObject(kind: String)
  case unknownLayout(fields: [String])
  case anotherLayout(fields: [String], expected: String)
  case missing(field: String)
  case wrongKind(field: String, found: String, expected: String)
  case holdsNUL(field: String)
  case empty(field: String)
  case unknownRole(role: String, turn: Int)
  case toolRole(role: String, turn: Int)
  case notAlternating(turn: Int, role: String, expected: String)
  case endsWith(role: String, expected: String)
  case notATranscript(field: String)
  case differentPrompts
  case equalCompletions
  case noAnswer(field: String)
  case duplicate(ofRow: Int)
  case overlong(tokens: Int, limit: Int)
  case overlongPrompt(tokens: Int, limit: Int)
  case nothingToLearn
  case wrongUse(row: String, use: String)
  case untokenizable(String)
}

extension RowProblem {
  /// The problem's kind, as reports count it.
  public var reason: String {
    switch self {
    case .notJSON, .notAnObject: "not JSON"
    case .unknownLayout, .anotherLayout: "unknown layout"
    case .missing: "missing field"
    case .wrongKind, .holdsNUL: "wrong value"
    case .empty: "empty"
    case .unknownRole, .toolRole: "unsupported role"
    case .notAlternating, .endsWith: "turns do not alternate"
    case .notATranscript: "not a transcript"
    case .differentPrompts: "different prompts"
    case .equalCompletions: "chosen equals rejected"
    case .noAnswer: "no answer"
    case .duplicate: "duplicate"
    case .overlong, .overlongPrompt: "over-long"
    case .nothingToLearn: "nothing to learn"
    case .wrongUse: "wrong use"
    case .untokenizable: "cannot be tokenized"
    }
  }
}

extension RowProblem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notJSON(let error): "not JSON: \(error.message) (column \(error.column))"
    case .notAnObject(let kind): "found \(kind), expected an object or a list of messages"
    case .unknownLayout(let fields): "the fields \(list(fields)) fit no layout"
    case .anotherLayout(let fields, let expected):
      "the fields \(list(fields)) do not fit '\(expected)', the layout of this file"
    case .missing(let field): "the field '\(field)' is missing"
    case .wrongKind(let field, let found, let expected):
      "'\(field)' is \(found), expected \(expected)"
    case .holdsNUL(let field): "'\(field)' holds a NUL character"
    case .empty(let field): "'\(field)' is empty"
    case .unknownRole(let role, let turn):
      "turn \(turn) has the role '\(role)', expected system, user (human) or assistant (gpt, bot)"
    case .toolRole(let role, let turn):
      "turn \(turn) has the role '\(role)'; tool calls are trained on only if the role is mapped"
    case .notAlternating(let turn, let role, let expected):
      "turn \(turn) is of the \(role), expected the \(expected)"
    case .endsWith(let role, let expected):
      "the last turn is of the \(role), expected the \(expected)"
    case .notATranscript(let field):
      "'\(field)' is not a transcript that starts with \"\\n\\nHuman:\", and there is no 'prompt'"
    case .differentPrompts:
      "chosen and rejected differ before their last turn, expected one prompt and two answers"
    case .equalCompletions: "chosen and rejected are the same"
    case .noAnswer(let field):
      "'\(field)' holds no answer behind '####' or in '\\boxed{}', and there is no 'answer'"
    case .duplicate(let row): "the same as row \(row)"
    case .overlong(let tokens, let limit):
      "\(tokens) tokens, more than max_length \(limit); see on_overlong"
    case .overlongPrompt(let tokens, let limit):
      "the prompt has \(tokens) tokens, which leaves no room for an answer in \(limit)"
    case .nothingToLearn: "no token is left to learn from"
    case .wrongUse(let row, let use): "a row of the kind '\(row)' cannot be used for \(use)"
    case .untokenizable(let reason): reason
    }
  }

  private func list(_ fields: [String]) -> String {
    fields.prefix(12).joined(separator: ", ") + (fields.count > 12 ? ", …" : "")
  }
}
