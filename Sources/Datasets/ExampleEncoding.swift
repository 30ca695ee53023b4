public import Text

/// What datasets ask of a tokenizer with a chat template.
///
/// A protocol, so that every rule on masks and lengths is tested on ten invented tokens.
public protocol ExampleEncoding {
  /// The token that ends a text.
  var endOfText: TokenID { get }

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

  /// A conversation, and which of its tokens the assistant says.
  func encode(conversation: [ChatMessage]) throws -> (ids: [TokenID], isAssistant: [Bool])
}

extension ExampleEncoding {
  func encode(_ prompt: Prompt) throws -> [TokenID] {
    switch prompt {
    case .text(let text): try encode(text: text)
    case .messages(let messages): try encode(prompt: messages)
    }
  }

  /// A prompt and an answer, the answer with its end.
  ///
  /// Texts are encoded apart, so that the tokens of the prompt begin those of the whole whatever the
  /// answer starts with.
  func encode(
    _ prompt: Prompt, answer: String
  ) throws -> (prompt: [TokenID], answer: [TokenID]) {
    switch prompt {
    case .text(let text):
      (try encode(text: text), try encode(continuation: answer) + [endOfText])
    case .messages(let messages): try encode(prompt: messages, answer: answer)
    }
  }
}
