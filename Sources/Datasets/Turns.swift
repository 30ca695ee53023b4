internal import Text

/// The grammar of conversations: a system message or none, then user and assistant in turn.
enum Turns {
  /// A conversation to learn from, which ends with the assistant.
  static func checked(_ messages: [ChatMessage]) throws(RowProblem) -> [ChatMessage] {
    try checkAlternation(messages)
    return try check(messages, endWith: "assistant")
  }

  /// A conversation to go on from, which ends with the user.
  static func checkedPrompt(_ messages: [ChatMessage]) throws(RowProblem) -> [ChatMessage] {
    try checkAlternation(messages)
    return try check(messages, endWith: "user")
  }

  /// A system message before messages that have none.
  static func adding(system: String?, to messages: [ChatMessage]) -> [ChatMessage] {
    guard let system, !system.isBlank, messages.first?.role != "system" else { return messages }
    return [ChatMessage(role: "system", content: system)] + messages
  }

  /// The text of the assistant's message.
  ///
  /// Reasoning beside it would be lost without a template, so it is refused here.
  static func answer(_ message: ChatMessage, field: String) throws(RowProblem) -> String {
    guard message.role == "assistant" else {
      throw .endsWith(role: message.role, expected: "assistant")
    }
    guard message.reasoningContent == nil else {
      throw .wrongKind(
        field: "\(field).reasoning_content", found: "beside the answer",
        expected: "the reasoning inside the content")
    }
    return message.content
  }

  private static func check(
    _ messages: [ChatMessage], endWith role: String
  ) throws(RowProblem) -> [ChatMessage] {
    let last = messages.last?.role ?? "nobody"
    guard last == role else { throw .endsWith(role: last, expected: role) }
    return messages
  }

  private static func checkAlternation(_ messages: [ChatMessage]) throws(RowProblem) {
    var expected = "user"
    for (index, message) in messages.enumerated() {
      if index == 0, message.role == "system" { continue }
      guard message.role == expected else {
        throw .notAlternating(turn: index + 1, role: message.role, expected: expected)
      }
      expected = expected == "user" ? "assistant" : "user"
    }
  }
}
