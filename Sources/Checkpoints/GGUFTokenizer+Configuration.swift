import JSON
import OrderedCollections

extension GGUFTokenizer {
  /// `tokenizer_config.json`.
  func configJSON() -> JSON {
    var decoder = OrderedDictionary<String, JSON>()
    for added in addedTokens {
      guard case .object(var members) = added, let id = members.removeValue(forKey: "id")?.int
      else { continue }
      decoder[String(id)] = .object(members)
    }
    var config: JSON = [
      "add_prefix_space": .bool(metadata["tokenizer.ggml.add_space_prefix"]?.bool ?? false),
      "added_tokens_decoder": .object(decoder), "clean_up_tokenization_spaces": false,
    ]
    for (role, key) in [
      ("bos", "bos_token"), ("eos", "eos_token"), ("padding", "pad_token"),
      ("unknown", "unk_token"),
    ] {
      if let text = text(of: role) { config[key] = text }
    }
    if let adds = metadata["tokenizer.ggml.add_bos_token"]?.bool {
      config["add_bos_token"] = .bool(adds)
    }
    if let adds = metadata["tokenizer.ggml.add_eos_token"]?.bool {
      config["add_eos_token"] = .bool(adds)
    }
    if let template = metadata["tokenizer.chat_template"]?.string {
      config["chat_template"] = .string(template)
    }
    if let architecture = metadata["general.architecture"]?.string,
      let length = metadata["\(architecture).context_length"]?.integer
    {
      config["model_max_length"] = .integer(length)
    }
    config["tokenizer_class"] = "PreTrainedTokenizerFast"
    return config
  }
}
