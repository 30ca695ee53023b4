import JSON

/// A PEFT adapter's folder: `adapter_config.json` and `adapter_model.safetensors`.
public final class AdapterDirectory: Sendable {
  public let path: String
  public let configuration: AdapterConfiguration
  /// The modules with an adapter, in the file's order.
  public let modules: [Module]
  /// Tensors that were trained whole (`modules_to_save`, biases), by the base model's names.
  public let wholeTensors: [(name: String, key: String)]
  /// All tensors, by the names in the file.
  public let tensors: SafetensorsDirectory

  /// One module's two matrices.
  public struct Module: Sendable, Equatable {
    /// The module in the base model: `model.layers.0.self_attn.q_proj`.
    public var path: String
    public var rank: Int
    public var inputs: Int
    public var outputs: Int
    /// The names in the file: A is `[rank, inputs]`, B is `[outputs, rank]`.
    public var aKey: String
    public var bKey: String
  }

  static let prefix = "base_model.model."
  static let configurationName = "adapter_config.json"

  /// Whether a folder holds an adapter rather than a model.
  public static func isAdapter(path: String) -> Bool {
    (try? ConfinedDirectory(path: path))?.holds(configurationName) ?? false
  }

  /// Opens and checks an adapter; its links may end in this folder and in the trusted ones.
  public init(path: String, trustedRoots: [String] = []) throws {
    let directory = try ConfinedDirectory(path: path, trustedRoots: trustedRoots)
    self.path = directory.path
    let document = try directory.json(
      Self.configurationName, purpose: "a PEFT adapter's configuration", limit: 16 << 20)
    configuration = try AdapterConfiguration(
      document, path: directory.path(of: Self.configurationName))
    tensors = try SafetensorsDirectory(directory, baseName: "adapter_model")
    (modules, wholeTensors) = try Self.sorted(tensors, path: directory.path)
  }

  /// What a module's `B·A` is multiplied by.
  ///
  /// `alpha_pattern` may name modules; other regular expressions are refused, since a pattern from a
  /// file can take for ever to match.
  public func scale(of module: Module) throws(CheckpointError) -> Double {
    for (pattern, alpha) in configuration.alphaPattern {
      let isName = pattern.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
      }
      guard isName else {
        throw .unsupportedAdapter(
          path: path, key: "alpha_pattern", found: "'\(pattern)'",
          supported: "names of modules such as 'q_proj' are")
      }
      if module.path == pattern || module.path.hasSuffix("." + pattern) {
        return configuration.scale(rank: module.rank, alpha: alpha)
      }
    }
    return configuration.scale(rank: module.rank, alpha: configuration.loraAlpha)
  }

  /// Pairs the matrices, and checks their shapes against each other.
  private static func sorted(
    _ tensors: SafetensorsDirectory, path: String
  ) throws(CheckpointError) -> ([Module], [(name: String, key: String)]) {
    var modules: [Module] = []
    var whole: [(name: String, key: String)] = []
    for tensor in tensors.tensors {
      guard tensor.name.hasPrefix(prefix) else {
        throw .content(
          path: path, key: tensor.name, found: "a tensor of no module",
          expected: "names that start with '\(prefix)'")
      }
      guard tensor.elementType.isConvertibleToFloat else {
        throw .notFloats(name: tensor.name, elementType: tensor.elementType)
      }
      let name = String(tensor.name.dropFirst(prefix.count))
      if name.hasSuffix(".lora_A.weight") {
        modules.append(try module(String(name.dropLast(14)), tensor, tensors, path))
      } else if name.hasSuffix(".lora_B.weight") {
        let other = String(tensor.name.dropLast(14)) + ".lora_A.weight"
        guard tensors.information(other) != nil else {
          throw .missingTensor(path: path, tensor: other, shard: "adapter_model.safetensors")
        }
      } else if name.contains(".lora_") {
        throw .unsupportedAdapter(
          path: path, key: tensor.name, found: "set",
          supported: "only lora_A.weight and lora_B.weight are: no DoRA, no embedding LoRA")
      } else {
        whole.append((name, tensor.name))
      }
    }
    return (modules, whole)
  }

  private static func module(
    _ path: String, _ a: TensorInformation, _ tensors: SafetensorsDirectory, _ folder: String
  ) throws(CheckpointError) -> Module {
    let bKey = prefix + path + ".lora_B.weight"
    guard let b = tensors.information(bKey) else {
      throw .missingTensor(path: folder, tensor: bKey, shard: "adapter_model.safetensors")
    }
    guard a.shape.count == 2, b.shape.count == 2, a.shape[0] == b.shape[1], a.shape[0] > 0 else {
      throw .content(
        path: folder, key: path, found: "lora_A \(a.shape) and lora_B \(b.shape)",
        expected: "[rank, inputs] and [outputs, rank]")
    }
    return Module(
      path: path, rank: a.shape[0], inputs: a.shape[1], outputs: b.shape[0], aKey: a.name,
      bKey: bKey)
  }
}
