extension RowLayout {
  /// ShareGPT's and 360Zhinao's `conversations`, chat's `messages`, or a row that is a bare list.
  static let conversation = RowLayout(
    name: "conversation", fields: "conversations or messages",
    recognises: { $0.first(of: "conversations", "messages") != nil },
    read: { fields throws(RowProblem) in
      let name = fields.first(of: "conversations", "messages") ?? "messages"
      let messages = try fields.messages(name)
      let system = try fields.optionalText("system")
      return .conversation(try Turns.checked(Turns.adding(system: system, to: messages)))
    })
}
