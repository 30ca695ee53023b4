public import Kernels
import Pipeline
public import Text
public import Transformers

/// A language model that can be asked: its network, its tokenizer with the template, and the tokens
/// in which its answers end.
public struct LanguageModel {
  public let transformer: Transformer
  public let tokenizer: ChatTokenizer
  /// Ascending.
  public let stopTokens: [TokenID]

  /// Loads a Hugging Face directory or a GGUF file.
  public init(path: String, compute: Compute) throws {
    let input = try ModelInput(path: path)
    guard !input.directory.isRewardModel else {
      throw BadInput("\(path) is a reward model: it gives scores and no answers")
    }
    self.init(
      try input.load(compute: compute, seed: 0), tokenizer: input.tokenizer,
      stopTokens: input.stopTokens)
  }

  /// A network in memory, such as one that is being trained.
  public init(_ transformer: Transformer, tokenizer: ChatTokenizer, stopTokens: [TokenID]) {
    self.transformer = transformer
    self.tokenizer = tokenizer
    self.stopTokens = stopTokens
  }

  /// The longest prompt that leaves room for a token of an answer.
  public var longestPrompt: Int { transformer.shape.maximumPosition - 1 }
}
