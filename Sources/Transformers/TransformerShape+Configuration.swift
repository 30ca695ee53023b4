import JSON

extension TransformerShape {
  /// The sizes in a `config.json` with llama's keys, every one bounded.
  init(_ configuration: ModelConfiguration, hasQueryKeyValueBias: Bool) throws {
    let hidden = try configuration.size("hidden_size", limit: 1 << 17)
    let heads = try configuration.size("num_attention_heads", limit: 1 << 12)
    let keyValueHeads = try configuration.size(
      "num_key_value_heads", default: heads, limit: 1 << 12)
    guard heads % keyValueHeads == 0 else {
      throw ModelError.configuration(
        path: configuration.path, key: "num_key_value_heads", found: "\(keyValueHeads)",
        expected: "a divisor of num_attention_heads, which is \(heads)")
    }
    let headDimension = try configuration.size(
      "head_dim", default: max(hidden / heads, 1), limit: 1 << 12)
    guard headDimension % 2 == 0 else {
      throw ModelError.configuration(
        path: configuration.path, key: "head_dim", found: "\(headDimension)",
        expected: "an even number, since positions turn pairs")
    }
    if let activation = configuration.present("hidden_act"), activation != "silu" {
      throw configuration.wrong("hidden_act", activation, "\"silu\"")
    }
    self.init(
      vocabularySize: try configuration.size("vocab_size", limit: 1 << 24), hiddenSize: hidden,
      intermediateSize: try configuration.size("intermediate_size", limit: 1 << 19),
      layerCount: try configuration.size("num_hidden_layers", limit: 1 << 12), queryHeads: heads,
      keyValueHeads: keyValueHeads, headDimension: headDimension,
      normEpsilon: Float(try configuration.number("rms_norm_eps", default: 1e-6)),
      rotary: try RotaryConfiguration(configuration),
      maximumPosition: try configuration.size(
        "max_position_embeddings", default: 2048, limit: 1 << 26),
      tiesEmbeddings: try configuration.flag("tie_word_embeddings", default: false),
      hasQueryKeyValueBias: hasQueryKeyValueBias,
      initializerRange: try configuration.number("initializer_range", default: 0.02))
  }
}

extension RotaryConfiguration {
  /// `rope_theta` and `rope_scaling`, or transformers 5's `rope_parameters`, which holds both.
  init(_ configuration: ModelConfiguration) throws {
    let nested = configuration.present("rope_parameters") ?? configuration.present("rope_scaling")
    let parameters = ModelConfiguration(path: configuration.path, json: nested ?? [:])
    let base = try parameters.number(
      "rope_theta", default: try configuration.number("rope_theta", default: 10000))
    guard base > 1 else {
      throw ModelError.configuration(
        path: configuration.path, key: "rope_theta", found: "\(base)", expected: "more than 1")
    }
    self.init(base: base, scaling: try Scaling(parameters, configuration))
  }
}

extension RotaryConfiguration.Scaling {
  init(_ parameters: ModelConfiguration, _ configuration: ModelConfiguration) throws {
    let kind = parameters.present("rope_type") ?? parameters.present("type") ?? "default"
    switch kind.string {
    case "default": self = .none
    case "linear":
      self = .linear(factor: try Self.factor(parameters, "factor", 1))
    case "llama3":
      let original = try parameters.number(
        "original_max_position_embeddings",
        default: try configuration.number("max_position_embeddings", default: 8192))
      self = .llama3(
        factor: try Self.factor(parameters, "factor", 8),
        lowFrequencyFactor: try Self.factor(parameters, "low_freq_factor", 1),
        highFrequencyFactor: try Self.factor(parameters, "high_freq_factor", 4),
        originalMaximumPosition: original)
    default:
      throw configuration.wrong("rope_type", kind, "\"default\", \"linear\" or \"llama3\"")
    }
  }

  private static func factor(
    _ parameters: ModelConfiguration, _ key: String, _ fallback: Double
  ) throws -> Double {
    let factor = try parameters.number(key, default: fallback)
    guard factor > 0 else {
      throw ModelError.configuration(
        path: parameters.path, key: key, found: "\(factor)", expected: "more than 0")
    }
    return factor
  }
}
