public import Kernels
import Pipeline
import Profiling
public import Text
public import Transformers

/// A language model that can be asked: its network, its tokenizer with the template, and the tokens
/// in which its answers end.
///
/// Of a model in files nothing is loaded before it is asked something: to draw answers it never holds
/// the network as training does, and to tell log-probabilities it never packs one.
public struct LanguageModel {
  public let shape: TransformerShape
  public let tokenizer: ChatTokenizer
  /// Ascending.
  public let stopTokens: [TokenID]
  private let forms: NetworkForms

  /// Opens a Hugging Face directory or a GGUF file.
  public init(path: String, compute: Compute) throws {
    let input = try ModelInput(path: path)
    guard !input.directory.isRewardModel else {
      throw BadInput("\(path) is a reward model: it gives scores and no answers")
    }
    shape = input.directory.shape
    tokenizer = input.tokenizer
    stopTokens = input.stopTokens
    forms = NetworkForms(.files(input, compute))
  }

  /// A network in memory, such as one that is being trained; what it computes of the tokens of its answers can be recorded.
  public init(
    _ transformer: Transformer, tokenizer: ChatTokenizer, stopTokens: [TokenID],
    recording: ActivationRecording? = nil
  ) {
    shape = transformer.shape
    self.tokenizer = tokenizer
    self.stopTokens = stopTokens
    forms = NetworkForms(.memory(transformer, recording))
  }

  /// The network as training has it.
  public func transformer() throws -> Transformer { try forms.transformer() }

  /// The network as it is now, for decoding, its weights in `format`; nil is the precision that it computes in.
  func decoding(as format: PackedWeights.Format? = nil) throws -> DecodingNetwork {
    try forms.decoding(as: format)
  }

  /// The longest prompt that leaves room for a token of an answer.
  public var longestPrompt: Int { shape.maximumPosition - 1 }
}

/// The forms of a network, each made when it is first wanted.
///
/// What was read from files is kept; a network in memory may change, and is packed anew.
private final class NetworkForms {
  enum Origin {
    case files(ModelInput, Compute)
    case memory(Transformer, ActivationRecording?)
  }

  private let origin: Origin
  private var trained: Transformer?
  private var packed: (format: PackedWeights.Format?, network: DecodingNetwork)?

  init(_ origin: Origin) { self.origin = origin }

  func transformer() throws -> Transformer {
    switch origin {
    case .memory(let transformer, _): return transformer
    case .files(let input, let compute):
      if let trained { return trained }
      let loaded = try Profiler.measure(.loading) {
        try input.load(compute: compute, seed: 0, isFrozen: true)
      }
      trained = loaded
      return loaded
    }
  }

  func decoding(as format: PackedWeights.Format?) throws -> DecodingNetwork {
    switch origin {
    case .memory(let transformer, let recording):
      let network = Profiler.measure(.packing) { DecodingNetwork(transformer, format: format) }
      network.recording = recording
      return network
    case .files(let input, let compute):
      if let packed, packed.format == format { return packed.network }
      packed = nil
      let loaded = try Profiler.measure(.loading) {
        try input.directory.loadForDecoding(compute: compute, format: format)
      }
      packed = (format, loaded)
      return loaded
    }
  }
}
