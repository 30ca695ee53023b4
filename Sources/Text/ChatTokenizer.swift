public import JSON

/// A tokenizer with its chat template: what a stage uses.
public struct ChatTokenizer: Sendable {
  /// Which tokens outside the assistant's turns are trained on.
  public enum Markers: Sendable {
    case assistantOnly
    /// As 360Zhinao's finetune.py: also `<|im_start|>`, `<|im_end|>` and the newline after it, in every
    /// message, whoever speaks.
    case zhinao
  }

  public let tokenizer: Tokenizer
  public let template: ChatTemplate?
  /// Passed to the template: the names of special tokens.
  let variables: [(String, JSON)]

  public init(
    tokenizer: Tokenizer, template: ChatTemplate?, variables: [(String, JSON)] = []
  ) {
    self.tokenizer = tokenizer
    self.template = template
    self.variables = variables
  }

  /// The text of a conversation, remembering who wrote which part.
  public func render(_ messages: [ChatMessage], addGenerationPrompt: Bool) throws -> TaggedText {
    guard let template else { throw TokenizerError.noTemplate }
    return try template.render(
      messages, addGenerationPrompt: addGenerationPrompt, variables: variables)
  }

  /// The ids of a conversation.
  public func encode(_ messages: [ChatMessage], addGenerationPrompt: Bool) throws -> [TokenID] {
    tokenizer.encode(try render(messages, addGenerationPrompt: addGenerationPrompt))
  }

  /// Prompt ids and completion ids, the latter through the token that ends the turn (not the newline
  /// that a template writes after it).
  /// - Throws: `TokenizerError.notAPrefix` if the prompt's ids do not begin the whole conversation's.
  public func encode(
    prompt: [ChatMessage], completion: [ChatMessage]
  ) throws -> (prompt: [TokenID], completion: [TokenID]) {
    let before = try encode(prompt, addGenerationPrompt: true)
    let whole = try encode(prompt + completion, addGenerationPrompt: false)
    try check(before, begins: whole, message: prompt.count)
    let end = try endOfTurn(whole, from: before.count, message: prompt.count + completion.count - 1)
    return (before, Array(whole[before.count..<end]))
  }

  /// Ids, and by position whether each belongs to an assistant's turn: its content through the token
  /// that ends the turn.
  ///
  /// The turns are found by position, by encoding the conversation up to each of them: ids could not tell
  /// a control token from padding that shares its id.
  /// - Throws: `TokenizerError.notAPrefix` where the ids up to a turn do not begin the ids with it.
  public func encodeForTraining(
    _ messages: [ChatMessage], markers: Markers = .assistantOnly
  ) throws -> (ids: [TokenID], isAssistant: [Bool]) {
    let whole = try encode(messages, addGenerationPrompt: false)
    var isAssistant = [Bool](repeating: false, count: whole.count)
    for index in messages.indices where messages[index].role == "assistant" {
      let before = try encode(Array(messages[..<index]), addGenerationPrompt: true)
      let through =
        index + 1 == messages.count
        ? whole : try encode(Array(messages[...index]), addGenerationPrompt: false)
      try check(before, begins: through, message: index)
      let end = try endOfTurn(through, from: before.count, message: index)
      try check(Array(through[..<end]), begins: whole, message: index + 1)
      for position in before.count..<end { isAssistant[position] = true }
    }
    if markers == .zhinao { try markTurns(whole, &isAssistant) }
    return (whole, isAssistant)
  }

  private func check(_ part: [TokenID], begins whole: [TokenID], message: Int) throws {
    if whole.starts(with: part) { return }
    let position = zip(part, whole).enumerated().first { $1.0 != $1.1 }?.offset ?? whole.count
    throw TokenizerError.notAPrefix(message: message, position: position)
  }

  /// The position after the last control token: contents cannot hold one, so the template wrote it.
  private func endOfTurn(_ ids: [TokenID], from start: Int, message: Int) throws -> Int {
    guard let last = ids[start...].lastIndex(where: { tokenizer.isSpecial($0) }) else {
      throw TokenizerError.noEndOfTurn(message: message)
    }
    return last + 1
  }

  private func markTurns(_ ids: [TokenID], _ isMarked: inout [Bool]) throws {
    guard let start = tokenizer.id(of: "<|im_start|>"), let end = tokenizer.id(of: "<|im_end|>")
    else { throw TokenizerError.unknownToken(role: "Zhinao's marker", token: "<|im_start|>") }
    let newline = tokenizer.encode("\n")
    for position in ids.indices where ids[position] == start || ids[position] == end {
      isMarked[position] = true
      if ids[position] == end && ids[(position + 1)...].starts(with: newline) {
        for offset in newline.indices { isMarked[position + 1 + offset] = true }
      }
    }
  }
}
