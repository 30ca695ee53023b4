public import Kernels
import Pipeline
import Profiling
public import Text
public import Transformers

/// A language model that can be asked: its network, its tokenizer with the template, and the tokens
/// in which its answers end.
public struct LanguageModel {
  public let transformer: Transformer
  public let tokenizer: ChatTokenizer
  /// Ascending.
  public let stopTokens: [TokenID]
  private let packed: PackedNetwork

  /// Loads a Hugging Face directory or a GGUF file.
  public init(path: String, compute: Compute) throws {
    let input = try ModelInput(path: path)
    guard !input.directory.isRewardModel else {
      throw BadInput("\(path) is a reward model: it gives scores and no answers")
    }
    self.init(
      try Profiler.measure(.loading) { try input.load(compute: compute, seed: 0, isFrozen: true) },
      tokenizer: input.tokenizer,
      stopTokens: input.stopTokens, isFixed: true)
  }

  /// A network in memory, such as one that is being trained.
  ///
  /// Of one whose weights stay as they are (`isFixed`) the form for decoding is kept from use to use.
  public init(
    _ transformer: Transformer, tokenizer: ChatTokenizer, stopTokens: [TokenID],
    isFixed: Bool = false
  ) {
    packed = PackedNetwork(transformer, isFixed: isFixed)
    self.transformer = transformer
    self.tokenizer = tokenizer
    self.stopTokens = stopTokens
  }

  /// The network as it is now, for decoding.
  var decoding: DecodingNetwork { packed.network }

  /// The longest prompt that leaves room for a token of an answer.
  public var longestPrompt: Int { transformer.shape.maximumPosition - 1 }
}

/// The form of a network in which it decodes, made when it is first wanted.
private final class PackedNetwork {
  private let transformer: Transformer
  private let isFixed: Bool
  private var kept: DecodingNetwork?

  init(_ transformer: Transformer, isFixed: Bool) {
    self.transformer = transformer
    self.isFixed = isFixed
  }

  var network: DecodingNetwork {
    if let kept { return kept }
    let network = Profiler.measure(.packing) { DecodingNetwork(transformer) }
    if isFixed { kept = network }
    return network
  }
}
