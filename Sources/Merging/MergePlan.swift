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
  /// What becomes of the tokens, if the configuration says something of them.
  public let vocabulary: VocabularyReport?
  /// The opened models, in the order of `configuration.modelPaths`.
  let models: [OpenedModel]
  /// SHA-256 of models' weights by their names, for the model card; who makes the merge knows them, or takes the time.
  public var digests: [String: String] = [:]
  /// `config.json` of the output.
  let outputConfig: JSON
  /// The tokenizer's files, the template and the generation settings.
  let outputFiles: [Companion]

  /// Opens the models and checks everything; paths that do not begin with `/` are relative to `folder`.
  ///
  /// `merges` are results that the configuration may name as models. `allowsCrimes`, as mergekit calls it, merges models whose
  /// settings say that their weights mean different things.
  ///
  /// - Throws: `MergeError`, `CheckpointError`.
  public init(
    _ configuration: MergeConfiguration, relativeTo folder: String = ".", file: String? = nil,
    merges: [String: MergePlan] = [:], allowsCrimes: Bool = false
  ) throws {
    let faults = configuration.faults()
    guard faults.isEmpty, let method = MergeMethods.named(configuration.method) else {
      throw MergeError.configuration(file: file, faults)
    }
    let opening = ModelOpening(
      folder: folder, merges: merges.mapValues { OpenedModel(planned: $0) })
    var models: [OpenedModel] = []
    for path in configuration.modelPaths { models.append(try opening.open(path)) }
    let agreement = try ModelAgreement(
      models, hasTokenizer: configuration.tokenizer != nil, allowsCrimes: allowsCrimes)
    guard agreement.faults.isEmpty else { throw MergeError.tensors(agreement.faults) }
    var tokens: VocabularyPlan?
    if let settings = configuration.tokenizer {
      var plan = try VocabularyPlan(settings, models)
      guard plan.faults.isEmpty else { throw MergeError.configuration(file: file, plan.faults) }
      models = plan.remapped()
      tokens = plan
    }
    var notes = agreement.notes
    if let first = models.first, first.isTied,
      models.contains(where: { !$0.isTied && $0.weights.information(OpenedModel.projection) != nil }
      )
    {
      models[0].untie()
      notes.append("the result's output projection has weights of its own, since one model's has")
    }
    var planner = MergePlanner(configuration, method, models)
    planner.plan()
    if !planner.configurationFaults.isEmpty {
      throw MergeError.configuration(file: file, planner.configurationFaults)
    }
    if !planner.tensorFaults.isEmpty { throw MergeError.tensors(planner.tensorFaults) }
    let output = try MergeOutput(
      configuration, models, tokens: tokens, layerCount: planner.layerCount,
      elementType: configuration.elementType)
    self.configuration = configuration
    self.method = method
    self.models = models
    tensors = planner.tensors
    layerCount = planner.layerCount
    self.notes = notes + planner.notes + output.notes
    vocabulary = tokens?.report
    outputConfig = output.config
    outputFiles = output.files
  }

  func model(_ name: String) -> OpenedModel? { models.first { $0.name == name } }
}
