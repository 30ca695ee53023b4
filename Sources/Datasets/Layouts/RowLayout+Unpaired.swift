internal import JSON
internal import Text

extension RowLayout {
  /// Answers called good or bad one by one, as KTO learns from (arXiv:2402.01306): `prompt` and
  /// `completion`, or a conversation whose last turn is meant.
  static let unpaired = RowLayout(
    name: "unpaired", fields: "prompt, completion, label or messages, label",
    recognises: {
      $0.has("label")
        && ($0.has("prompt", "completion") || $0.first(of: "messages", "conversations") != nil)
    },
    read: { fields throws(RowProblem) in
      let label = try label(fields)
      guard let name = fields.first(of: "messages", "conversations") else {
        return .unpaired(
          prompt: try fields.prompt("prompt"), completion: try fields.answer("completion"),
          label: label)
      }
      let system = try fields.optionalText("system")
      let turns = try Turns.checked(
        Turns.adding(system: system, to: try fields.messages(name)))
      return .unpaired(
        prompt: .messages(Array(turns.dropLast())),
        completion: try Turns.answer(turns[turns.count - 1], field: name), label: label)
    })

  private static func label(_ fields: RowFields) throws(RowProblem) -> Bool {
    switch fields.value("label") {
    case .bool(let label): return label
    case .integer(1): return true
    case .integer(0): return false
    case .some(let value):
      throw .wrongKind(field: "label", found: value.kind, expected: "true or false")
    case nil: throw .missing(field: "label")
    }
  }
}
