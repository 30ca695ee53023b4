internal import JSON
internal import OrderedCollections
internal import Text

/// The named values of a row, with what goes wrong when one is not as expected.
struct RowFields {
  let members: OrderedDictionary<String, JSON>
  let roles: RoleNames

  var names: [String] { Array(members.keys) }

  /// A value that is there; null counts as absent, as tables with optional columns write it.
  func value(_ name: String) -> JSON? {
    guard let value = members[name], !value.isNull else { return nil }
    return value
  }

  func has(_ names: String...) -> Bool { names.allSatisfy { value($0) != nil } }

  /// The first of these names that is there.
  func first(of names: String...) -> String? { names.first { value($0) != nil } }

  func optionalText(_ name: String) throws(RowProblem) -> String? {
    guard let value = value(name) else { return nil }
    return try Self.text(value, field: name)
  }

  func text(_ name: String) throws(RowProblem) -> String {
    guard let text = try optionalText(name) else { throw .missing(field: name) }
    return text
  }

  /// A text with something other than white space in it.
  func filledText(_ name: String) throws(RowProblem) -> String {
    let text = try text(name)
    guard !text.isBlank else { throw .empty(field: name) }
    return text
  }

  func messages(_ name: String) throws(RowProblem) -> [ChatMessage] {
    guard let value = value(name) else { throw .missing(field: name) }
    return try messages(in: value, field: name)
  }

  func messages(in value: JSON, field: String) throws(RowProblem) -> [ChatMessage] {
    guard let turns = value.array else {
      throw .wrongKind(field: field, found: value.kind, expected: "a list of messages")
    }
    guard !turns.isEmpty else { throw .empty(field: field) }
    var messages: [ChatMessage] = []
    for (index, turn) in turns.enumerated() {
      messages.append(try message(turn, field: "\(field)[\(index)]", turn: index + 1))
    }
    return messages
  }

  /// One message, `{role, content}` or `{from, value}`.
  func message(_ value: JSON, field: String, turn: Int) throws(RowProblem) -> ChatMessage {
    guard value.object != nil else {
      throw .wrongKind(field: field, found: value.kind, expected: "{role, content}")
    }
    let isShareGPT = value["from"] != nil
    guard let speaker = value[isShareGPT ? "from" : "role"] else {
      throw .missing(field: "\(field).role")
    }
    let contentName = isShareGPT ? "value" : "content"
    guard let content = value[contentName] else {
      throw .missing(field: "\(field).\(contentName)")
    }
    let role = try roles.role(try Self.text(speaker, field: "\(field).role"), turn: turn)
    let text = try Self.text(content, field: "\(field).\(contentName)")
    guard !text.isBlank else { throw .empty(field: "\(field).\(contentName)") }
    guard let reasoning = value["reasoning_content"], !reasoning.isNull else {
      return ChatMessage(role: role, content: text)
    }
    return ChatMessage(
      role: role, content: text,
      reasoningContent: try Self.text(reasoning, field: "\(field).reasoning_content"))
  }

  /// A prompt as a text, a transcript or messages.
  func prompt(_ name: String) throws(RowProblem) -> Prompt {
    guard let value = value(name) else { throw .missing(field: name) }
    guard case .array = value else {
      let text = try filledText(name)
      guard Transcript.isTranscript(text) else { return .text(text) }
      return .messages(try Turns.checkedPrompt(Transcript.turns(of: text, field: name)))
    }
    return .messages(try Turns.checkedPrompt(try messages(in: value, field: name)))
  }

  /// An answer as a text, a message or a list that holds one message of the assistant.
  func answer(_ name: String) throws(RowProblem) -> String {
    guard let value = value(name) else { throw .missing(field: name) }
    let message: ChatMessage
    switch value {
    case .object:
      message = try self.message(value, field: name, turn: 1)
    case .array(let turns) where turns.count == 1:
      message = try self.message(turns[0], field: name, turn: 1)
    case .array(let turns):
      throw .wrongKind(
        field: name, found: "a list of \(turns.count) messages", expected: "one answer")
    default:
      return try filledText(name)
    }
    return try Turns.answer(message, field: name)
  }

  static func text(_ value: JSON, field: String) throws(RowProblem) -> String {
    guard let text = value.string else {
      throw .wrongKind(field: field, found: value.kind, expected: "a text")
    }
    guard !text.utf8.contains(0) else { throw .holdsNUL(field: field) }
    return text
  }
}

extension String {
  /// Whether there is nothing in it but white space.
  var isBlank: Bool { allSatisfy(\.isWhitespace) }

  /// Without white space at either end.
  var trimmed: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
