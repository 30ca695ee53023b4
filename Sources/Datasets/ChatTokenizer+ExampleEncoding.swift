public import Text

extension ChatTokenizer: ExampleEncoding {
  public func endOfText() throws -> TokenID {
    guard let end = tokenizer.end else {
      throw RowProblem.untokenizable("the tokenizer names no token that ends a text (eos_token)")
    }
    return end
  }

  public func encode(text: String) -> [TokenID] {
    tokenizer.encode(text, addingBeginning: tokenizer.addsBeginning)
  }

  public func encode(continuation: String) -> [TokenID] {
    tokenizer.encode(continuation)
  }

  public func encode(prompt: [ChatMessage]) throws -> [TokenID] {
    try encode(prompt, addGenerationPrompt: true)
  }

  public func encode(
    prompt: [ChatMessage], answer: String
  ) throws -> (prompt: [TokenID], answer: [TokenID]) {
    let answer = ChatMessage(role: "assistant", content: answer)
    let (before, after) = try encode(prompt: prompt, completion: [answer])
    return (before, after)
  }

  public func encode(
    conversation: [ChatMessage], supervision: Supervision
  ) throws -> (ids: [TokenID], isTarget: [Bool]) {
    let markers: Markers = supervision == .zhinao ? .zhinao : .assistantOnly
    let (ids, isTarget) = try encodeForTraining(conversation, markers: markers)
    return (ids, isTarget)
  }
}
