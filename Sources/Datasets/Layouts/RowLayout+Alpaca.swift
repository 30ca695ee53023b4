internal import JSON
internal import OrderedCollections
internal import Text

extension RowLayout {
  /// Stanford Alpaca's fields, with LLaMA-Factory's `system` and `history`.
  ///
  /// The user says the instruction and, on the next line, the input if there is one.
  static let alpaca = RowLayout(
    name: "alpaca", fields: "instruction, input, output, system, history",
    recognises: { $0.has("instruction") && $0.members["output"] != nil },
    read: { fields throws(RowProblem) in
      let instruction = try fields.filledText("instruction")
      let input = try fields.optionalText("input") ?? ""
      let question = input.isBlank ? instruction : "\(instruction)\n\(input)"
      let messages =
        try history(fields) + [
          ChatMessage(role: "user", content: question),
          ChatMessage(role: "assistant", content: try fields.filledText("output")),
        ]
      let system = try fields.optionalText("system")
      return .conversation(try Turns.checked(Turns.adding(system: system, to: messages)))
    })

  private static func history(_ fields: RowFields) throws(RowProblem) -> [ChatMessage] {
    guard let value = fields.value("history") else { return [] }
    guard let rounds = value.array else {
      throw .wrongKind(field: "history", found: value.kind, expected: "a list of pairs")
    }
    var messages: [ChatMessage] = []
    for (index, round) in rounds.enumerated() {
      let field = "history[\(index)]"
      guard let pair = round.array, pair.count == 2 else {
        throw .wrongKind(field: field, found: round.kind, expected: "[question, answer]")
      }
      for (role, text) in zip(["user", "assistant"], pair) {
        let content = try RowFields.text(text, field: field)
        guard !content.isBlank else { throw .empty(field: field) }
        messages.append(ChatMessage(role: role, content: content))
      }
    }
    return messages
  }
}
