import Checkpoints
public import JSON
import OrderedCollections

/// How the models of a merge differ from their base and from each other, layer by layer.
public struct MergeInspection: Sendable {
  /// The model from which changes are counted.
  public var base: String
  public var models: [String]
  /// What each model is trimmed to.
  public var densities: [Double]
  /// `embed`, the layers, what comes after.
  public var layers: [LayerStatistics]
}

extension MergePlan {
  /// Reads every tensor once; nothing is written.
  ///
  /// Without a base the first model stands for it. Densities are the configuration's, or else `density`.
  public func inspection(
    density: Double = 0.2, progress: (Progress) -> Void = { _ in }
  ) throws -> MergeInspection {
    let listed = tensors.first { $0.copied == nil }
    let hasBase = listed?.base != nil
    let names = (listed?.models ?? []).map(\.model)
    var parts: OrderedDictionary<String, LayerAccumulator> = [:]
    let count = hasBase ? names.count : max(0, names.count - 1)
    var densities = [Double](repeating: density, count: count)
    for (index, tensor) in tensors.enumerated() where tensor.copied == nil {
      let origins = (tensor.base.map { [$0] } ?? []) + tensor.models
      // Slices may take other models, or fewer, from layer to layer.
      guard origins.count == count + 1, let first = origins.first else { continue }
      let resolved = tensor.parameters.perModel
      if let own = resolved.first(where: { $0.name == "density" })?.values, own.count == count {
        densities = own
      }
      let weights = resolved.first { $0.name == "weight" }?.values ?? []
      let part = Self.part(tensor.information.name)
      parts[part, default: LayerAccumulator(models: count)].add(
        base: try values(of: first), models: try origins.dropFirst().map { try values(of: $0) },
        densities: densities,
        weights: weights.count == count ? weights : Array(repeating: 1, count: count))
      progress(
        Progress(tensor: tensor.information.name, done: index + 1, total: tensors.count))
    }
    return MergeInspection(
      base: listed?.base?.model ?? names.first ?? "", models: Array(names.suffix(count)),
      densities: densities, layers: parts.map { $1.statistics($0) })
  }

  private func values(of origin: PlannedTensor.Origin) throws -> [Float] {
    guard let model = model(origin.model) else { return [] }
    return try model.weights.floats(model.information(origin.tensor)?.name ?? origin.tensor)
  }

  private static func part(_ tensor: String) -> String {
    if let layer = LayerName(tensor)?.layer { return "layer \(layer)" }
    return TensorPlace(name: tensor, depth: 0).role ?? "other"
  }
}

extension MergeInspection {
  /// The pairs of models that `cosines` are of.
  public var pairs: [(first: Int, second: Int)] {
    models.indices.flatMap { first in
      models.indices.dropFirst(first + 1).map { (first, $0) }
    }
  }

  public var json: JSON {
    [
      "base": .string(base), "models": .array(models.map(JSON.string)),
      "densities": .array(densities.map(JSON.number)),
      "layers": .array(
        layers.map { layer in
          [
            "name": .string(layer.name), "base_norm": .number(layer.baseNorm),
            "norms": .array(layer.norms.map(JSON.number)),
            "cosines": .array(
              zip(pairs, layer.cosines).map { pair, cosine in
                [
                  "models": [.string(models[pair.first]), .string(models[pair.second])],
                  "cosine": .number(cosine),
                ]
              }),
            "sign_conflict": .number(layer.conflict),
            "trimmed_energy": .array(layer.trimmed.map(JSON.number)),
            "elected": .array(layer.elected.map(JSON.number)),
          ]
        }),
    ]
  }
}
