import JSON

/// Writes an adapter as PEFT does: the weights first, the configuration last.
public final class AdapterWriter {
  private let folder: String
  private let configuration: AdapterConfiguration
  private let weights: SafetensorsWriter

  /// A module that will be written.
  public struct Module: Sendable {
    /// `model.layers.0.self_attn.q_proj`.
    public var path: String
    public var rank: Int
    public var inputs: Int
    public var outputs: Int

    public init(path: String, rank: Int, inputs: Int, outputs: Int) {
      self.path = path
      self.rank = rank
      self.inputs = inputs
      self.outputs = outputs
    }
  }

  /// Declares what an existing folder will hold.
  ///
  /// `wholeTensors` are those of `modules_to_save`, by the base model's names.
  public init(
    folder: String, configuration: AdapterConfiguration, modules: [Module],
    wholeTensors: [TensorInformation] = [], elementType: ElementType = .float32
  ) throws {
    self.folder = folder
    self.configuration = configuration
    var tensors: [TensorInformation] = []
    for module in modules {
      tensors.append(
        TensorInformation(
          name: Self.key(module.path, "A"), elementType: elementType,
          shape: [module.rank, module.inputs]))
      tensors.append(
        TensorInformation(
          name: Self.key(module.path, "B"), elementType: elementType,
          shape: [module.outputs, module.rank]))
    }
    for var tensor in wholeTensors {
      tensor.name = AdapterDirectory.prefix + tensor.name
      tensors.append(tensor)
    }
    // PEFT reads one file and no index.
    weights = try SafetensorsWriter(
      folder: folder, baseName: "adapter_model", tensors: tensors, shardLimit: .max)
  }

  /// Writes a module's matrices: `a` is `[rank, inputs]`, `b` is `[outputs, rank]`, row-major.
  public func write(_ path: String, a: Span<Float>, b: Span<Float>) throws {
    try weights.write(Self.key(path, "A"), a)
    try weights.write(Self.key(path, "B"), b)
  }

  /// Writes a tensor that was trained whole.
  public func write(wholeTensor name: String, _ values: Span<Float>) throws {
    try weights.write(AdapterDirectory.prefix + name, values)
  }

  public func finish() throws {
    try weights.finish()
    try PublishedFile.write(
      configuration.json.serialized(.pretty) + "\n", folder: folder,
      name: AdapterDirectory.configurationName)
  }

  private static func key(_ path: String, _ matrix: String) -> String {
    "\(AdapterDirectory.prefix)\(path).lora_\(matrix).weight"
  }
}
