internal import JSON
internal import Text

extension RowLayout {
  /// A prompt with two answers; or two whole conversations, as messages or as transcripts, that
  /// part at their last turn.
  static let preference = RowLayout(
    name: "preference", fields: "prompt, chosen, rejected",
    recognises: {
      $0.has("chosen", "rejected") && $0.first(of: "conversations", "messages") == nil
    },
    read: { fields throws(RowProblem) in
      let chosen = try side("chosen", of: fields)
      let rejected = try side("rejected", of: fields)
      let system = try fields.optionalText("system")
      if case .turns(let better) = chosen, case .turns(let worse) = rejected {
        // Whole conversations say what a `prompt` beside them says, and more.
        return try parted(better, worse, system: system, fields)
      }
      guard let name = fields.first(of: "prompt", "question", "instruction") else {
        throw .missing(field: "prompt")
      }
      return try pair(
        prompt: framed(try fields.prompt(name), system: system),
        chosen: try answer("chosen", chosen), rejected: try answer("rejected", rejected), fields)
    })

  /// ShareGPT's turns with `chosen` and `rejected` as messages or as texts.
  static let conversationPreference = RowLayout(
    name: "conversation-preference", fields: "conversations, chosen, rejected",
    recognises: { $0.has("chosen", "rejected") },
    read: { fields throws(RowProblem) in
      let name = fields.first(of: "conversations", "messages") ?? "conversations"
      let system = try fields.optionalText("system")
      let turns = Turns.adding(system: system, to: try fields.messages(name))
      return try pair(
        prompt: .messages(try Turns.checkedPrompt(turns)), chosen: try fields.answer("chosen"),
        rejected: try fields.answer("rejected"), fields)
    })

  private enum Side {
    case answer(String)
    case turns([ChatMessage])
  }

  private static func side(_ name: String, of fields: RowFields) throws(RowProblem) -> Side {
    guard let value = fields.value(name) else { throw .missing(field: name) }
    if let turns = value.array, turns.count != 1 {
      return .turns(try Turns.checked(try fields.messages(in: value, field: name)))
    }
    if let text = value.string, Transcript.isTranscript(text) {
      let text = try RowFields.text(value, field: name)
      return .turns(try Turns.checked(try Transcript.turns(of: text, field: name)))
    }
    if value.string != nil, fields.first(of: "prompt", "question", "instruction") == nil {
      throw .notATranscript(field: name)
    }
    return .answer(try fields.answer(name))
  }

  /// The answer of a side; the last turn of one that repeats the prompt, as UltraFeedback's do.
  private static func answer(_ name: String, _ side: Side) throws(RowProblem) -> String {
    switch side {
    case .answer(let text): text
    case .turns(let turns): try Turns.answer(turns[turns.count - 1], field: name)
    }
  }

  private static func parted(
    _ better: [ChatMessage], _ worse: [ChatMessage], system: String?, _ fields: RowFields
  ) throws(RowProblem) -> Row {
    let prompt = Array(better.dropLast())
    guard prompt == Array(worse.dropLast()) else { throw .differentPrompts }
    return try pair(
      prompt: .messages(try Turns.checkedPrompt(Turns.adding(system: system, to: prompt))),
      chosen: try Turns.answer(better[better.count - 1], field: "chosen"),
      rejected: try Turns.answer(worse[worse.count - 1], field: "rejected"), fields)
  }

  private static func framed(_ prompt: Prompt, system: String?) -> Prompt {
    guard case .messages(let messages) = prompt else { return prompt }
    return .messages(Turns.adding(system: system, to: messages))
  }

  private static func pair(
    prompt: Prompt, chosen: String, rejected: String, _ fields: RowFields
  ) throws(RowProblem) -> Row {
    guard chosen != rejected else { throw .equalCompletions }
    guard let value = fields.value("margin") else {
      return .preference(prompt: prompt, chosen: chosen, rejected: rejected, margin: nil)
    }
    guard let margin = value.double, margin.isFinite else {
      throw .wrongKind(field: "margin", found: value.kind, expected: "a finite number")
    }
    return .preference(prompt: prompt, chosen: chosen, rejected: rejected, margin: margin)
  }
}
