public import Checkpoints
import JSON

/// A tensor of the output: what it is made of, with every parameter resolved.
public struct PlannedTensor: Sendable {
  /// A tensor of a model.
  public struct Origin: Sendable, Equatable {
    public var model: String
    public var tensor: String
  }

  public var information: TensorInformation
  public var base: Origin?
  public var models: [Origin]
  public var parameters: ResolvedParameters
  /// Set for tensors that are not floats: they are taken over as they are.
  public var copied: Origin?
}

/// A merge of which everything is known but the numbers.
///
/// Names, shapes and parameters are checked for every tensor here, before any arithmetic and before anything is written.
public struct MergePlan: Sendable {
  public let configuration: MergeConfiguration
  public let method: any MergeMethod
  /// In the order in which they are made and written.
  public let tensors: [PlannedTensor]
  /// How many layers the output has, if the configuration chose layers.
  public let layerCount: Int?
  /// What its author may not have meant.
  public let notes: [String]
  /// The opened models, in the order of `configuration.modelPaths`.
  let models: [OpenedModel]

  /// Opens the models and checks everything; paths that do not begin with `/` are relative to `folder`.
  ///
  /// - Throws: `MergeError`, `CheckpointError`.
  public init(
    _ configuration: MergeConfiguration, relativeTo folder: String = ".", file: String? = nil
  ) throws {
    let faults = configuration.faults()
    guard faults.isEmpty, let method = MergeMethods.named(configuration.method) else {
      throw MergeError.configuration(file: file, faults)
    }
    var models: [OpenedModel] = []
    for path in configuration.modelPaths {
      let place = path.hasPrefix("/") ? path : "\(folder)/\(path)"
      models.append(try OpenedModel(name: path, path: place))
    }
    var planner = MergePlanner(configuration, method, models)
    planner.plan()
    if !planner.configurationFaults.isEmpty {
      throw MergeError.configuration(file: file, planner.configurationFaults)
    }
    if !planner.tensorFaults.isEmpty { throw MergeError.tensors(planner.tensorFaults) }
    self.configuration = configuration
    self.method = method
    self.models = models
    tensors = planner.tensors
    layerCount = planner.layerCount
    notes = planner.notes
  }

  func model(_ name: String) -> OpenedModel? { models.first { $0.name == name } }

  /// The model whose settings, tokenizer and template the output takes over: the base, or else the first.
  var template: OpenedModel? { models.first }
}

/// A model of a merge, its weights open.
struct OpenedModel: Sendable {
  /// As the configuration names it.
  let name: String
  let directory: HuggingFaceDirectory
  let weights: any TensorSource
  let layerCount: Int

  init(name: String, path: String) throws {
    self.name = name
    directory = try HuggingFaceDirectory(path: path)
    weights = try directory.weights()
    layerCount = weights.tensors.reduce(0) { max($0, (LayerName($1.name)?.layer ?? -1) + 1) }
  }

  /// What holds a tensor's values: with tied embeddings the output projection is the embedding.
  func information(_ name: String) -> TensorInformation? {
    if let found = weights.information(name) { return found }
    guard name == "lm_head.weight", directory.config["tie_word_embeddings"]?.bool == true else {
      return nil
    }
    return weights.information("model.embed_tokens.weight")
  }
}
