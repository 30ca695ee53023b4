public import Checkpoints
public import JSON
public import Kernels

/// A model on disk, opened but not loaded: a Hugging Face folder or a GGUF file.
public struct ModelDirectory: Sendable {
  public let path: String
  public let configuration: ModelConfiguration
  public let architecture: any Architecture
  public let shape: TransformerShape
  /// The folder whose tokenizer, template and generation settings belong to the model; nil for a GGUF
  /// file, which carries its own.
  public let folder: HuggingFaceDirectory?
  private let gguf: GGUFFile?

  public init(path: String) throws {
    self.path = path
    if path.hasSuffix(".gguf") {
      let file = try GGUFFile(path: path)
      gguf = file
      folder = nil
      configuration = ModelConfiguration(path: path, json: file.config)
    } else {
      let directory = try HuggingFaceDirectory(path: path)
      gguf = nil
      folder = directory
      configuration = ModelConfiguration(path: path, json: directory.config)
    }
    architecture = try Transformers.architecture(of: configuration)
    shape = try architecture.shape(configuration)
    let className = configuration.json["architectures"]?.array?.first?.string ?? ""
    isRewardModel =
      className.hasSuffix("ForSequenceClassification")
      || architecture is ZhinaoArchitecture && ModelDirectory.hasRerankerHead(folder)
  }

  private static func hasRerankerHead(_ folder: HuggingFaceDirectory?) -> Bool {
    guard let folder, folder.hasWeights, let source = try? folder.weights() else { return false }
    return Transformer.rerankerHeads.contains { source.information($0) != nil }
  }

  /// Whether there are weights to load, rather than only a description of a model.
  public var hasWeights: Bool { folder?.hasWeights ?? true }

  /// Whether the model gives a score instead of a distribution over tokens: by its class, or by a head like that of
  /// 360Zhinao's reranker, whose class is the language model's.
  public let isRewardModel: Bool

  /// The weights as they are stored.
  public func weights() throws -> any TensorSource {
    if let gguf { return gguf }
    guard let folder, folder.hasWeights else { throw ModelError.noWeights(path: path) }
    return try folder.weights()
  }

  /// The tokenizer that a GGUF file carries, in the form of tokenizer.json and tokenizer_config.json.
  public func embeddedTokenizer() throws -> (tokenizer: JSON, configuration: JSON)? {
    guard let gguf, let tokenizer = try gguf.tokenizerJSON else { return nil }
    return (tokenizer, try gguf.tokenizerConfig ?? [:])
  }

  /// The network with its weights.
  ///
  /// On top goes `head`, or what the files say; a score head that they lack starts at zero. An adapter
  /// is not yet initialised. The base of a network that is frozen (`isFrozen`) must not be written to: its matrices
  /// are kept in bfloat16 where that changes no bit (`WeightForms`). With `initializationSeed` fresh weights are drawn instead
  /// of reading any, in float32.
  public func load(
    head: Transformer.Head? = nil, lowRank: LowRankConfiguration? = nil, compute: Compute,
    isFrozen: Bool = false, initializationSeed: UInt64? = nil
  ) throws -> Transformer {
    let wanted = head ?? (isRewardModel ? .score : .language)
    func make(_ forms: WeightForms) -> Transformer {
      Transformer(shape: shape, head: wanted, lowRank: lowRank, compute: compute, forms: forms)
    }
    if let initializationSeed {
      let transformer = make(WeightForms())
      transformer.initialize(seed: initializationSeed)
      return transformer
    }
    let source = try weights()
    _ = try Transformer.storedTensors(
      in: source, path: path, as: architecture, shape, wanted, mayLackScore: !isRewardModel)
    let transformer = make(
      isFrozen ? WeightForms(isFrozen: true, exact: exactWeights(head: wanted)) : WeightForms())
    try transformer.load(source, path: path, as: architecture, mayLackScore: !isRewardModel)
    return transformer
  }
}
