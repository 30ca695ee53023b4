/// How a next token is drawn from the network's distribution.
///
/// The order is transformers': penalties, temperature, top-k, top-p, min-p.
public struct SamplingParameters: Sendable, Equatable {
  /// The most tokens a completion may have.
  public var maximumNewTokens: Int
  /// What logits are divided by; 0 takes the most likely token.
  public var temperature: Double
  /// Keeps the k most likely tokens; 0 keeps all.
  public var topK: Int
  /// Keeps the fewest most likely tokens whose probabilities reach this sum; 1 keeps all.
  public var topP: Double
  /// Keeps tokens at least this share as likely as the most likely one; 0 keeps all.
  public var minP: Double
  /// Divides the positive and multiplies the negative logits of tokens that the prompt or the
  /// completion has (arXiv:1909.05858); 1 changes nothing.
  public var repetitionPenalty: Double
  /// Subtracted from the logit of every token that the completion has.
  public var presencePenalty: Double
  /// Subtracted from a token's logit for every time the completion has it.
  public var frequencyPenalty: Double
  /// Tokens that end a completion; they are part of it.
  public var stopTokens: [Int32]
  /// Tokens from this id on are never drawn; nil draws from all.
  ///
  /// Many a network has rows for tokens that its tokenizer does not have, and nobody has trained them.
  public var vocabularyLimit: Int?

  public init(
    maximumNewTokens: Int = 128, temperature: Double = 1, topK: Int = 0, topP: Double = 1,
    minP: Double = 0, repetitionPenalty: Double = 1, presencePenalty: Double = 0,
    frequencyPenalty: Double = 0, stopTokens: [Int32] = [], vocabularyLimit: Int? = nil
  ) {
    self.maximumNewTokens = maximumNewTokens
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
    self.repetitionPenalty = repetitionPenalty
    self.presencePenalty = presencePenalty
    self.frequencyPenalty = frequencyPenalty
    self.stopTokens = stopTokens
    self.vocabularyLimit = vocabularyLimit
  }

  var hasPenalties: Bool {
    repetitionPenalty != 1 || presencePenalty != 0 || frequencyPenalty != 0
  }

  var hasFilters: Bool { temperature > 0 && (topK > 0 || topP < 1 || minP > 0) }

  /// What logits are divided by before a log-probability is read: greedy decoding reads the
  /// network's own distribution.
  public var scoringTemperature: Double { temperature == 0 ? 1 : temperature }
}
