public import JSON
import OrderedCollections

extension AdapterConfiguration {
  /// The document that PEFT 0.21 writes, with all of its keys.
  public var json: JSON {
    var members = OrderedDictionary<String, JSON>()
    for key in AdapterConfiguration.absent { members[key] = .null }
    for key in AdapterConfiguration.off { members[key] = false }
    members["alpha_pattern"] = .object(pairs(alphaPattern.map { ($0.pattern, plain($0.value)) }))
    members["rank_pattern"] = .object(pairs(rankPattern.map { ($0.pattern, .integer($0.value)) }))
    members["base_model_name_or_path"] = baseModelNameOrPath.map(JSON.string) ?? .null
    members["bias"] = .string(bias.rawValue)
    members["exclude_modules"] = excludeModules.map(list) ?? .null
    members["inference_mode"] = true
    members["init_lora_weights"] = true
    members["layers_pattern"] = texts(layersPattern)
    members["layers_to_transform"] =
      layersToTransform.isEmpty ? .null : .array(layersToTransform.map(JSON.integer))
    members["loftq_config"] = [:]
    members["lora_alpha"] = plain(loraAlpha)
    members["lora_dropout"] = .number(loraDropout)
    members["megatron_core"] = "megatron.core"
    members["modules_to_save"] = texts(modulesToSave)
    members["peft_type"] = "LORA"
    members["peft_version"] = "0.21.2"
    members["qalora_group_size"] = 16
    members["r"] = .integer(r)
    members["target_modules"] = list(targetModules)
    members["task_type"] = taskType.map(JSON.string) ?? .null
    members["use_rslora"] = .bool(useRSLoRA)
    members.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    return .object(members)
  }

  private static let absent = [
    "alora_invocation_tokens", "arrow_config", "auto_mapping", "corda_config", "eva_config",
    "kasa_config", "layer_replication", "lora_ga_config", "megatron_config", "monteclora_config",
    "revision", "target_parameters", "trainable_token_indices", "use_bdlora", "velora_config",
  ]

  private static let off = [
    "ensure_weight_tying", "fan_in_fan_out", "lora_bias", "use_dora", "use_qalora",
  ]

  private func pairs(_ values: [(String, JSON)]) -> OrderedDictionary<String, JSON> {
    OrderedDictionary(values, uniquingKeysWith: { first, _ in first })
  }

  /// A number as PEFT writes it: 16, not 16.0.
  private func plain(_ value: Double) -> JSON {
    Int(exactly: value).map(JSON.integer) ?? .number(value)
  }

  private func texts(_ values: [String]) -> JSON {
    values.isEmpty ? .null : .array(values.map(JSON.string))
  }

  private func list(_ targets: Targets) -> JSON {
    switch targets {
    case .names(let names): .array(names.map(JSON.string))
    case .pattern(let pattern): .string(pattern)
    }
  }
}
