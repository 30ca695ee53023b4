import JSON
import OrderedCollections

extension AdapterConfiguration {
  /// Reads `adapter_config.json`.
  ///
  /// A key that is not known changes nothing only while it is off (null, false, empty); where it is
  /// set, the adapter means something that this project would not compute.
  init(_ document: JSON, path: String) throws(CheckpointError) {
    guard let members = document.object else {
      throw .content(path: path, key: "file", found: document.kind, expected: "an object")
    }
    let reader = AdapterConfigurationReader(path: path, members: members)
    try reader.checkKind()
    r = try reader.positive("r") ?? r
    loraAlpha = try reader.number("lora_alpha") ?? loraAlpha
    loraDropout = try reader.number("lora_dropout") ?? loraDropout
    useRSLoRA = try reader.bool("use_rslora") ?? false
    guard let targets = try reader.targets("target_modules") else {
      throw .content(
        path: path, key: "target_modules", found: "nothing",
        expected: "a list of module names, or a pattern")
    }
    targetModules = targets
    excludeModules = try reader.targets("exclude_modules")
    for (pattern, value) in try reader.members("rank_pattern") {
      rankPattern.append((pattern, try reader.positive("rank_pattern.\(pattern)", value)))
    }
    for (pattern, value) in try reader.members("alpha_pattern") {
      alphaPattern.append((pattern, try reader.number("alpha_pattern.\(pattern)", value)))
    }
    let bias = try reader.text("bias") ?? Bias.none.rawValue
    guard let bias = Bias(rawValue: bias) else {
      throw .content(
        path: path, key: "bias", found: "'\(bias)'", expected: "'none', 'all' or 'lora_only'")
    }
    self.bias = bias
    baseModelNameOrPath = try reader.text("base_model_name_or_path")
    modulesToSave = try reader.texts("modules_to_save")
    layersToTransform = try reader.integers("layers_to_transform")
    layersPattern = try reader.texts("layers_pattern")
    taskType = try reader.text("task_type")
  }
}

/// Typed looks at the members of `adapter_config.json`, each naming its key when it fails.
private struct AdapterConfigurationReader {
  let path: String
  let members: OrderedDictionary<String, JSON>

  /// Keys that are read.
  private static let read: Set<String> = [
    "r", "lora_alpha", "lora_dropout", "use_rslora", "target_modules", "exclude_modules",
    "rank_pattern", "alpha_pattern", "bias", "base_model_name_or_path", "modules_to_save",
    "layers_to_transform", "layers_pattern", "task_type", "peft_type",
  ]

  /// Keys whose value says nothing about what the adapter computes.
  private static let idle: Set<String> = [
    "auto_mapping", "inference_mode", "init_lora_weights", "loftq_config", "megatron_config",
    "megatron_core", "peft_version", "qalora_group_size", "revision", "runtime_config",
    "eva_config", "corda_config", "lora_ga_config", "ensure_weight_tying",
  ]

  /// Refuses what is no LoRA, and LoRA that is more than `B·A`.
  func checkKind() throws(CheckpointError) {
    let kind = try text("peft_type") ?? "LORA"
    guard kind == "LORA" else {
      throw .unsupportedAdapter(
        path: path, key: "peft_type", found: "'\(kind)'", supported: "only 'LORA' is")
    }
    // PiSSA, OLoRA, CorDA, LoftQ and LoRA-GA change the base model's weights before training.
    let starts: [JSON] = [.null, true, false, "gaussian", "eva", "orthogonal"]
    if let start = members["init_lora_weights"], !starts.contains(start) {
      throw .unsupportedAdapter(
        path: path, key: "init_lora_weights", found: start.serialized(),
        supported: "such an adapter belongs to a changed base; convert it with PEFT"
          + " (path_initial_model_for_weight_conversion) or merge it there")
    }
    for (key, value) in members
    where !Self.read.contains(key) && !Self.idle.contains(key) && !Self.isOff(value) {
      throw .unsupportedAdapter(
        path: path, key: key, found: value.serialized(),
        supported: "merge it into its base model with PEFT (merge_and_unload) and use the result")
    }
  }

  private static func isOff(_ value: JSON) -> Bool {
    switch value {
    case .null, .bool(false), .string(""), .integer(0): true
    case .array(let elements): elements.isEmpty
    case .object(let members): members.isEmpty
    default: false
    }
  }

  private func value(_ key: String) -> JSON? {
    guard let value = members[key], !value.isNull else { return Optional.none }
    return value
  }

  private func failure(_ key: String, _ value: JSON, _ expected: String) -> CheckpointError {
    .content(path: path, key: key, found: value.serialized(), expected: expected)
  }

  func text(_ key: String) throws(CheckpointError) -> String? {
    guard let value = value(key) else { return nil }
    guard let text = value.string else { throw failure(key, value, "a string") }
    return text
  }

  func bool(_ key: String) throws(CheckpointError) -> Bool? {
    guard let value = value(key) else { return nil }
    guard let bool = value.bool else { throw failure(key, value, "true or false") }
    return bool
  }

  func number(_ key: String) throws(CheckpointError) -> Double? {
    guard let value = value(key) else { return nil }
    return try number(key, value)
  }

  func number(_ key: String, _ value: JSON) throws(CheckpointError) -> Double {
    guard let number = value.double, number.isFinite, number >= 0 else {
      throw failure(key, value, "a number, not negative")
    }
    return number
  }

  func positive(_ key: String) throws(CheckpointError) -> Int? {
    guard let value = value(key) else { return nil }
    return try positive(key, value)
  }

  func positive(_ key: String, _ value: JSON) throws(CheckpointError) -> Int {
    guard let number = value.int, number > 0, number <= 1 << 16 else {
      throw failure(key, value, "a whole number from 1 to 65536")
    }
    return number
  }

  func members(_ key: String) throws(CheckpointError) -> [(key: String, value: JSON)] {
    guard let value = value(key) else { return [] }
    guard let members = value.object else { throw failure(key, value, "an object") }
    return members.map { ($0.key, $0.value) }
  }

  func targets(_ key: String) throws(CheckpointError) -> AdapterConfiguration.Targets? {
    guard let value = value(key) else { return nil }
    if let pattern = value.string { return .pattern(pattern) }
    return .names(try texts(key))
  }

  /// A list of strings; one string stands for a list of it.
  func texts(_ key: String) throws(CheckpointError) -> [String] {
    guard let value = value(key) else { return [] }
    if let text = value.string { return [text] }
    guard let elements = value.array else { throw failure(key, value, "a list of strings") }
    var texts: [String] = []
    for element in elements {
      guard let text = element.string else { throw failure(key, element, "a string") }
      texts.append(text)
    }
    return texts
  }

  func integers(_ key: String) throws(CheckpointError) -> [Int] {
    guard let value = value(key) else { return [] }
    if let integer = value.int { return [integer] }
    guard let elements = value.array else { throw failure(key, value, "a list of numbers") }
    var integers: [Int] = []
    for element in elements {
      guard let integer = element.int else { throw failure(key, element, "a whole number") }
      integers.append(integer)
    }
    return integers
  }
}
