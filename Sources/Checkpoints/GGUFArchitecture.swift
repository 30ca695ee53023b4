import JSON

/// What a GGUF file's metadata says of its model, and how its tensors are named there.
struct GGUFArchitecture {
  let name: String
  let header: GGUFHeader
  private let heads: Int
  private let keyValueHeads: Int

  init(_ header: GGUFHeader) throws(GGUFFault) {
    guard let value = header.metadata["general.architecture"] else {
      throw .missingKey("general.architecture")
    }
    guard let name = value.string, ["llama", "qwen2"].contains(name) else {
      throw .unsupportedArchitecture(value.string ?? value.kind)
    }
    self.name = name
    self.header = header
    heads = try header.size("\(name).attention.head_count", limit: 1024)
    keyValueHeads =
      header.metadata["\(name).attention.head_count_kv"] == nil
      ? heads : try header.size("\(name).attention.head_count_kv", limit: 1024)
    guard heads % keyValueHeads == 0 else {
      throw .wrongValue(
        key: "\(name).attention.head_count_kv", found: "\(keyValueHeads)",
        expected: "a divisor of \(heads)")
    }
  }

  private static let outer = [
    "token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
  ]

  private static let inner = [
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
  ]

  /// The name in Hugging Face's checkpoints; nil for what is derived from the settings.
  func huggingFaceName(_ tensor: String) throws(GGUFFault) -> String? {
    if let name = GGUFArchitecture.outer[tensor] { return name }
    if tensor == "rope_freqs.weight" { return nil }
    let parts = tensor.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "blk", let layer = Int(parts[1]), layer >= 0,
      String(layer) == parts[1], let inner = GGUFArchitecture.inner[String(parts[2])],
      parts[3] == "weight" || parts[3] == "bias"
    else { throw .unknownTensor(tensor) }
    return "model.layers.\(layer).\(inner).\(parts[3])"
  }

  /// How many heads' rows are interleaved in a tensor; nil where its rows are in order.
  func interleavedHeads(_ entry: GGUFHeader.Entry) throws(GGUFFault) -> Int? {
    guard name == "llama" else { return nil }
    let part = entry.name.split(separator: ".").dropFirst(2).first
    let heads = part == "attn_q" ? self.heads : part == "attn_k" ? keyValueHeads : nil
    if let heads, entry.shape[0] % (2 * heads) != 0 {
      throw .invalidShape(
        tensor: entry.name, shape: entry.shape.map { UInt64($0) },
        reason: "its rows are no even number for each of \(heads) heads")
    }
    return heads
  }

  /// Where a row of Hugging Face's order stands in the file: within a head, rows `j` and
  /// `j + half` of the halves that are rotated together stand at `2j` and `2j + 1`.
  static func interleavedRow(_ row: Int, rows: Int, heads: Int) -> Int {
    let size = rows / heads
    let inner = row % size
    return row - inner + 2 * (inner % (size / 2)) + inner / (size / 2)
  }

  /// The settings in the form of `config.json`.
  func config() throws(GGUFFault) -> JSON {
    let hidden = try header.size("\(name).embedding_length", limit: 1 << 20)
    let headSize =
      header.metadata["\(name).attention.key_length"] == nil
      ? hidden / heads : try header.size("\(name).attention.key_length", limit: 1 << 16)
    let rotated = "\(name).rope.dimension_count"
    if header.metadata[rotated] != nil, try header.size(rotated, limit: 1 << 16) != headSize {
      throw .wrongValue(
        key: rotated, found: header.metadata[rotated]?.kind ?? "", expected: "\(headSize)")
    }
    var config: JSON = [
      "architectures": [name == "llama" ? "LlamaForCausalLM" : "Qwen2ForCausalLM"],
      "attention_bias": .bool(header.entries.contains { $0.name == "blk.0.attn_q.bias" }),
      "attention_dropout": 0.0,
      "bos_token_id": token("bos"), "eos_token_id": token("eos"), "hidden_act": "silu",
      "hidden_size": .integer(hidden), "initializer_range": 0.02,
      "intermediate_size": .integer(try header.size("\(name).feed_forward_length", limit: 1 << 24)),
      "max_position_embeddings": .integer(
        try header.size("\(name).context_length", limit: 1 << 30)),
      "mlp_bias": .bool(header.entries.contains { $0.name == "blk.0.ffn_up.bias" }),
      "model_type": .string(name), "num_attention_heads": .integer(heads),
      "num_hidden_layers": .integer(try header.size("\(name).block_count", limit: 4096)),
      "num_key_value_heads": .integer(keyValueHeads), "head_dim": .integer(headSize),
      "pad_token_id": token("padding"),
    ]
    config["rms_norm_eps"] = .number(
      try header.positive("\(name).attention.layer_norm_rms_epsilon"))
    let base = "\(name).rope.freq_base"
    config["rope_theta"] = .number(header.metadata[base] == nil ? 10000 : try header.positive(base))
    config["rope_scaling"] = try ropeScaling()
    config["tie_word_embeddings"] = .bool(!header.entries.contains { $0.name == "output.weight" })
    config["torch_dtype"] = "float32"
    config["use_cache"] = true
    config["vocab_size"] = .integer(try vocabularySize())
    return config
  }

  private func token(_ name: String) -> JSON {
    header.metadata["tokenizer.ggml.\(name)_token_id"]?.integer.map(JSON.integer) ?? .null
  }

  /// The rows of the embedding, which is what a model computes with.
  private func vocabularySize() throws(GGUFFault) -> Int {
    for entry in header.entries where entry.name == "token_embd.weight" { return entry.shape[0] }
    return try header.size("\(name).vocab_size", limit: 1 << 24)
  }

  private func ropeScaling() throws(GGUFFault) -> JSON {
    if header.entries.contains(where: { $0.name == "rope_freqs.weight" }) {
      throw .wrongValue(
        key: "rope_freqs.weight", found: "a table of frequencies",
        expected: "none: this project reads llama3's scaling from config.json; use the"
          + " safetensors checkpoint")
    }
    let key = "\(name).rope.scaling.type"
    guard let type = header.metadata[key]?.string, type != "none" else { return .null }
    guard ["linear", "yarn"].contains(type) else {
      throw .wrongValue(key: key, found: "'\(type)'", expected: "'none', 'linear' or 'yarn'")
    }
    var scaling: JSON = [
      "rope_type": .string(type),
      "factor": .number(try header.positive("\(name).rope.scaling.factor")),
    ]
    let original = "\(name).rope.scaling.original_context_length"
    if header.metadata[original] != nil {
      scaling["original_max_position_embeddings"] = .integer(
        try header.size(original, limit: 1 << 30))
    }
    return scaling
  }
}

extension GGUFHeader {
  /// A size that must be there, above zero.
  func size(_ key: String, limit: Int) throws(GGUFFault) -> Int {
    guard let value = metadata[key] else { throw .missingKey(key) }
    guard let size = value.integer, size > 0, size <= limit else {
      throw .wrongValue(key: key, found: value.kind, expected: "a whole number from 1 to \(limit)")
    }
    return size
  }

  /// A number that must be there, above zero.
  func positive(_ key: String) throws(GGUFFault) -> Double {
    guard let value = metadata[key] else { throw .missingKey(key) }
    guard let number = value.number, number > 0, number.isFinite else {
      throw .wrongValue(key: key, found: value.kind, expected: "a number above zero")
    }
    return number
  }
}
