import Checkpoints
import Kernels

/// The difference of two models as an adapter: δ = θ − θ₀ of each linear layer, cut off after its largest singular values.
///
/// No matrix of that rank is nearer to δ: ‖δ − B·A‖² is the sum of the squares of the values left out (Eckart and Young, 1936). What
/// is no linear layer and differs (norms, embeddings) goes along whole.
public struct AdapterExtraction: Sendable {
  /// The most singular values that are kept of a layer.
  public var rank = 32
  /// Of a layer, as few are kept as hold this share of Σ σ²; 1 keeps `rank` of them.
  public var energy = 1.0

  public init() {}

  /// What became of one layer.
  public struct Layer: Sendable, Equatable {
    public var path: String
    public var rank: Int
    /// ‖δ‖, and ‖δ − B·A‖ ÷ ‖δ‖.
    public var norm: Double
    public var error: Double
  }

  public struct Result: Sendable, Equatable {
    public var layers: [Layer]
    /// The tensors that go along whole.
    public var wholeTensors: [String]
  }

  private struct Factors {
    var layer: Layer
    var inputs: Int
    var outputs: Int
    var down: [Float]
    var up: [Float]
  }

  /// Extracts an adapter into a folder that appears whole or not at all.
  ///
  /// - Throws: `AdapterFault`, `CheckpointError`, `MergeError`.
  @discardableResult
  public func write(
    model: String, base: String, to output: String,
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> Result {
    let opening = ModelOpening(folder: ".")
    let (tuned, origin) = (try opening.open(model), try opening.open(base))
    let folder = try PublishedFolder(path: output)
    var factors: [Factors] = []
    var whole: [TensorInformation] = []
    let tensors = tuned.weights.tensors.filter(\.elementType.isConvertibleToFloat)
    for (index, tensor) in tensors.enumerated() {
      guard let other = origin.information(tensor.name), other.shape == tensor.shape else {
        throw AdapterFault.unequalModels(
          tensor: tensor.name, model: tensor.shape,
          base: origin.information(tensor.name)?.shape ?? [])
      }
      if let found = try extract(tensor, other.name, tuned, origin) {
        factors.append(found)
      } else if try !isLinear(tensor) && differs(tensor, other.name, tuned, origin) {
        whole.append(tensor)
      }
      progress(index + 1, tensors.count)
    }
    guard !factors.isEmpty || !whole.isEmpty else { throw AdapterFault.noDifference }
    try write(factors, whole, tuned, to: folder.temporary)
    try folder.publish()
    return Result(layers: factors.map(\.layer), wholeTensors: whole.map(\.name))
  }

  private func isLinear(_ tensor: TensorInformation) -> Bool {
    tensor.shape.count == 2 && tensor.name.hasSuffix(".weight") && LayerName(tensor.name) != nil
  }

  private func differs(
    _ tensor: TensorInformation, _ key: String, _ tuned: OpenedModel, _ origin: OpenedModel
  ) throws -> Bool {
    try tuned.weights.floats(tensor.name) != origin.weights.floats(key)
  }

  /// Nil of what is no linear layer, or does not differ.
  private func extract(
    _ tensor: TensorInformation, _ key: String, _ tuned: OpenedModel, _ origin: OpenedModel
  ) throws -> Factors? {
    guard isLinear(tensor) else { return nil }
    let (own, theirs) = (
      try tuned.weights.floats(tensor.name), try origin.weights.floats(key)
    )
    let change = zip(own, theirs).map { Double($0) - Double($1) }
    guard change.contains(where: { $0 != 0 }) else { return nil }
    let path = String(tensor.name.dropLast(".weight".count))
    let (outputs, inputs) = (tensor.shape[0], tensor.shape[1])
    guard let values = SingularValues(change, rows: outputs, columns: inputs) else {
      throw AdapterFault.notFinite(module: path)
    }
    let count = Self.count(values.values, rank: rank, energy: energy)
    let total = values.values.reduce(0) { $0 + $1 * $1 }
    let left = values.values.dropFirst(count).reduce(0) { $0 + $1 * $1 }
    let (down, up) = values.factors(rank: count, isDistributed: true)
    return Factors(
      layer: Layer(
        path: path, rank: count, norm: total.squareRoot(), error: (left / total).squareRoot()),
      inputs: inputs, outputs: outputs, down: down, up: up)
  }

  /// How many values are kept: at most `rank`, and no more than hold the share of the energy.
  static func count(_ values: [Double], rank: Int, energy: Double) -> Int {
    let total = values.reduce(0) { $0 + $1 * $1 }
    var held = 0.0
    var count = 0
    while count < min(rank, values.count), count == 0 || energy >= 1 || held < energy * total {
      held += values[count] * values[count]
      count += 1
    }
    return count
  }

  private func write(
    _ factors: [Factors], _ whole: [TensorInformation], _ tuned: OpenedModel, to folder: String
  ) throws {
    let most = factors.map(\.layer.rank).max() ?? 1
    var configuration = AdapterConfiguration()
    configuration.r = most
    configuration.loraAlpha = Double(most)
    configuration.targetModules = .names(AdapterCombination.targets(factors.map(\.layer.path)))
    configuration.taskType = "CAUSAL_LM"
    for layer in factors.map(\.layer) where layer.rank != most {
      configuration.rankPattern.append((layer.path, layer.rank))
      configuration.alphaPattern.append((layer.path, Double(layer.rank)))
    }
    configuration.modulesToSave = AdapterCombination.targets(
      whole.map { String($0.name.prefix(upTo: $0.name.lastIndex(of: ".") ?? $0.name.endIndex)) })
    let writer = try AdapterWriter(
      folder: folder, configuration: configuration,
      modules: factors.map {
        .init(path: $0.layer.path, rank: $0.layer.rank, inputs: $0.inputs, outputs: $0.outputs)
      },
      wholeTensors: whole.map {
        TensorInformation(name: $0.name, elementType: .float32, shape: $0.shape)
      })
    for factor in factors {
      let (down, up) = (factor.down, factor.up)
      try writer.write(factor.layer.path, a: down.span, b: up.span)
    }
    for tensor in whole {
      let values = try tuned.weights.floats(tensor.name)
      try writer.write(wholeTensor: tensor.name, values.span)
    }
    try writer.finish()
  }
}
