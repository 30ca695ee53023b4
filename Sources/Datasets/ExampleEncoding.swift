public import Text

/// What datasets ask of a tokenizer with a chat template.
///
/// A protocol, so that every rule on masks and lengths is tested on ten invented tokens.
public protocol ExampleEncoding {
  /// The token that ends a text.
  func endOfText() throws -> TokenID

  /// Text as the model reads it from its beginning.
  func encode(text: String) throws -> [TokenID]

  /// Text that goes on behind other text.
  func encode(continuation: String) throws -> [TokenID]

  /// Messages up to where the assistant's next answer starts.
  func encode(prompt: [ChatMessage]) throws -> [TokenID]

  /// Messages and the answer to them, with whatever ends a turn.
  func encode(prompt: [ChatMessage], answer: String) throws -> (
    prompt: [TokenID], answer: [TokenID]
  )

  /// A conversation, and which of its tokens are learnt.
  func encode(
    conversation: [ChatMessage], supervision: Supervision
  ) throws -> (ids: [TokenID], isTarget: [Bool])
}

extension ExampleEncoding {
  public func encode(_ prompt: Prompt) throws -> [TokenID] {
    switch prompt {
    case .text(let text): try encode(text: text)
    case .messages(let messages): try encode(prompt: messages)
    }
  }

  /// A prompt and an answer, the answer with its end.
  ///
  /// The prompt's tokens are those of the prompt alone, since that is what the model goes on from
  /// when it is asked. Mostly they begin the tokens of the whole text; where a token would reach
  /// across the border, the answer is encoded apart.
  func encode(
    _ prompt: Prompt, answer: String
  ) throws -> (prompt: [TokenID], answer: [TokenID]) {
    switch prompt {
    case .text(let text):
      let before = try encode(text: text)
      let whole = try encode(text: text + answer)
      let rest =
        whole.starts(with: before)
        ? Array(whole[before.count...]) : try encode(continuation: answer)
      return (before, rest + [try endOfText()])
    case .messages(let messages):
      return try encode(prompt: messages, answer: answer)
    }
  }
}
