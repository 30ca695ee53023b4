import JSON

/// Llama (arXiv:2302.13971) and Mistral (arXiv:2310.06825), whose checkpoints name their tensors alike.
public struct LlamaArchitecture: Architecture {
  public init() {}

  public var modelTypes: [String] { ["llama", "mistral"] }

  public func shape(_ configuration: ModelConfiguration) throws -> TransformerShape {
    for key in ["attention_bias", "mlp_bias"] where try configuration.flag(key, default: false) {
      throw ModelError.configuration(
        path: configuration.path, key: key, found: "true", expected: "false")
    }
    var shape = try TransformerShape(configuration, hasQueryKeyValueBias: false)
    if let window = try slidingWindow(configuration) {
      shape.maximumPosition = min(shape.maximumPosition, window)
    }
    return shape
  }

  /// How far back Mistral's attention sees; nil without a limit.
  ///
  /// Attention here sees the whole sequence, which is the same as long as that fits the window: so the
  /// window is the longest sequence there can be. transformers takes 4096 where nothing is said.
  private func slidingWindow(_ configuration: ModelConfiguration) throws -> Int? {
    guard try configuration.text("model_type") == "mistral" else { return nil }
    guard let said = configuration.json["sliding_window"] else { return 4096 }
    return said.isNull ? nil : try configuration.size("sliding_window", limit: 1 << 26)
  }

  public func storedTensors(
    _ shape: TransformerShape, head: Transformer.Head
  ) -> [StoredTensor] {
    Transformer.baseTensors(shape, head: head, scoresInAdapter: false).map {
      StoredTensor($0.name, shape: $0.shape)
    }
  }

  public func className(_ head: Transformer.Head) -> String {
    head == .score ? "LlamaForSequenceClassification" : "LlamaForCausalLM"
  }
}

/// Qwen2 and Qwen2.5 (arXiv:2407.10671): llama with biases on queries, keys and values.
public struct Qwen2Architecture: Architecture {
  public init() {}

  public var modelTypes: [String] { ["qwen2"] }

  public func shape(_ configuration: ModelConfiguration) throws -> TransformerShape {
    if try configuration.flag("use_sliding_window", default: false) {
      throw ModelError.configuration(
        path: configuration.path, key: "use_sliding_window", found: "true", expected: "false")
    }
    return try TransformerShape(configuration, hasQueryKeyValueBias: true)
  }

  public func storedTensors(
    _ shape: TransformerShape, head: Transformer.Head
  ) -> [StoredTensor] {
    LlamaArchitecture().storedTensors(shape, head: head)
  }

  public func className(_ head: Transformer.Head) -> String {
    head == .score ? "Qwen2ForSequenceClassification" : "Qwen2ForCausalLM"
  }
}
