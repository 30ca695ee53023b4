/// Which tokens the output has, and where their embeddings come from: mergekit's `tokenizer`.
public struct TokenizerSettings: Sendable, Equatable {
  public enum Source: Sendable, Equatable {
    /// The base's tokens, then those that only others have, in the order of the models.
    case union
    case base
    /// Those of a model that takes part.
    case model(String)
  }

  public var source: Source
  /// The rows of the embeddings are filled up with zeros to a multiple of this.
  public var padToMultipleOf: Int?
  public var tokens: [Token]
  public var position: Position?

  public init(
    source: Source, padToMultipleOf: Int? = nil, tokens: [Token] = [], position: Position? = nil
  ) {
    self.source = source
    self.padToMultipleOf = padToMultipleOf
    self.tokens = tokens
    self.position = position
  }

  /// What is said of one token.
  public struct Token: Sendable, Equatable {
    public var token: String
    /// Where models that lack the token take its embedding from; nil as for other tokens.
    public var source: Embedding?
    /// Whether models that have the token take it from there too.
    public var isForced: Bool
    public var position: Position?
  }

  /// A row of an embedding matrix.
  public enum Embedding: Sendable, Equatable {
    case zero
    /// The same token's of a model.
    case model(String)
    /// Another token's of a model.
    case token(model: String, token: String)
    case row(model: String, Int)
  }
}

/// Which chat template the output has: mergekit's `chat_template`.
public struct ChatTemplateChoice: Sendable, Equatable {
  /// `auto`, the name of a known template, or a template's text.
  public var text: String
  public var position: Position?

  public init(_ text: String, position: Position? = nil) {
    self.text = text
    self.position = position
  }
}
