/// How one family of checkpoints maps onto the transformer.
///
/// Adding an architecture is three steps: a type with its `model_type`, its shape from `config.json`,
/// and its stored tensors; a line in `architectures`; a test with a checkpoint's shapes.
public protocol Architecture: Sendable {
  /// The values of `model_type` in `config.json` that mean this family.
  var modelTypes: [String] { get }

  /// The sizes that a configuration describes.
  func shape(_ configuration: ModelConfiguration) throws -> TransformerShape

  /// What a checkpoint of this family holds, and which parameters its rows are.
  func storedTensors(_ shape: TransformerShape, head: Transformer.Head) -> [StoredTensor]

  /// The class that loads a checkpoint in transformers, for `config.json`.
  func className(_ head: Transformer.Head) -> String
}

/// A tensor of a checkpoint, in terms of the network's parameters.
public struct StoredTensor: Sendable, Equatable {
  /// Rows of the stored tensor that are rows of one parameter, in order.
  public struct Block: Sendable, Equatable {
    public var rows: Range<Int>
    public var parameter: String
    public var parameterRow: Int

    public init(rows: Range<Int>, parameter: String, parameterRow: Int) {
      self.rows = rows
      self.parameter = parameter
      self.parameterRow = parameterRow
    }
  }

  public var name: String
  public var shape: [Int]
  public var blocks: [Block]

  public init(name: String, shape: [Int], blocks: [Block]) {
    self.name = name
    self.shape = shape
    self.blocks = blocks
  }

  /// A tensor that is a parameter as it stands.
  public init(_ name: String, shape: [Int]) {
    self.init(
      name: name, shape: shape,
      blocks: [Block(rows: 0..<(shape.count == 1 ? 1 : shape[0]), parameter: name, parameterRow: 0)]
    )
  }
}

/// Every architecture; a checkpoint is recognised by the first that names its `model_type`.
public let architectures: [any Architecture] = [
  LlamaArchitecture(), Qwen2Architecture(), ZhinaoArchitecture(),
]

/// The architecture of a configuration.
public func architecture(of configuration: ModelConfiguration) throws -> any Architecture {
  let modelType = try configuration.text("model_type")
  guard let found = architectures.first(where: { $0.modelTypes.contains(modelType) }) else {
    throw ModelError.unknownArchitecture(
      path: configuration.path, modelType: modelType,
      known: architectures.flatMap(\.modelTypes).sorted())
  }
  return found
}
