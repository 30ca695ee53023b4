import Artifacts
import Checkpoints
import Pipeline
import Profiling
import Transformers

extension TrainingMemory {
  /// Of a stage that knows its examples.
  init(
    _ input: ModelDirectory, head: Transformer.Head = .language, _ settings: TrainingSettings,
    _ demand: TrainingDemand, _ context: StageContext, companion: Companion? = nil,
    initialize: Bool = false
  ) {
    func size(_ path: String?) -> Int {
      path.flatMap { try? Files.status($0) }.map { $0.kind == .regular ? $0.size : 0 } ?? 0
    }
    self.init(
      shape: input.shape, head: head, settings: settings, load: demand.load, ranks: context.ranks,
      threads: context.threads, isFrozen: settings.lora != nil && !initialize,
      exact: input.exactWeights(head: head), companion: companion, sampling: demand.sampling,
      tokenizerBytes: size(input.folder?.file("tokenizer.json")),
      dataBytes: size(context.optionalInput("data").flatMap { try? datasetFile($0) }))
  }
}

extension TrainingSession {
  /// The network that a stage trains, with an adapter where it has one, within the memory that the stage may take.
  ///
  /// - Throws: `BadInput` where no plan fits, before anything is loaded.
  func network(
    _ input: ModelInput, _ memory: TrainingMemory, initialize: Bool = false
  ) throws -> Transformer {
    let plan = try memory.plan()
    if let limit = memory.settings.memoryLimit {
      let cache = plan.cacheBytes.map {
        " and \(MemorySize(holding: $0)) for keys and values while it samples"
      }
      report(
        .note(
          "plans \(MemorySize(holding: plan.bytes)) of the \(limit) that it may take, with "
            + "\(plan.recomputedLayers) of \(memory.shape.layerCount) layers computed again"
            + (cache ?? "")))
    }
    let transformer = try Profiler.measure(.loading) {
      try input.load(
        head: memory.head, lora: memory.settings.lora, compute: compute, seed: context.seed,
        isFrozen: memory.isFrozen,
        initialize: initialize)
    }
    transformer.recomputedLayers = plan.recomputedLayers
    return transformer
  }
}

/// What the plan of a run says of a training stage's memory.
struct TrainingEstimate {
  let settings: TrainingSettings
  let context: StageContext
  var head = Transformer.Head.language
  var sequencesPerExample = 1
  var companion: TrainingMemory.Companion?
  var initialize = false
  /// The most that the settings allow, where that is not `sequencesPerExample` rows of `max_length` for each example.
  var bound: ((TransformerShape) -> TrainingDemand)?

  /// Larger files are not read for a plan: what the settings allow stands for them.
  static let readableBytes = 16 << 20

  /// The estimate; nil where the model is not there to be looked at.
  ///
  /// `found` reads the data as the stage does. Where they are not there yet, are large or cannot be read, the estimate is of the
  /// most that the settings allow.
  /// - Throws: `BadInput` where no plan fits into the settings' limit.
  func estimate(
    _ found: (ModelInput, TrainingSession) throws -> TrainingDemand
  ) throws -> StageEstimate? {
    guard let path = context.optionalInput("model"),
      let directory = try? ModelDirectory(path: path)
    else { return nil }
    let shape = directory.shape
    let demand =
      read(path, found) ?? bound?(shape)
      ?? TrainingDemand(
        StepLoad(
          settings, sequencesPerExample: sequencesPerExample, positions: shape.maximumPosition))
    let memory = TrainingMemory(
      directory, head: head, settings, demand, context, companion: companion, initialize: initialize
    )
    let plan = try memory.plan()
    return StageEstimate(
      memory: context.ranks * plan.bytes, memoryPerRank: plan.bytes,
      recomputedLayers: plan.recomputedLayers, layers: shape.layerCount,
      disk: memory.diskBytes)
  }

  private func read(
    _ model: String, _ found: (ModelInput, TrainingSession) throws -> TrainingDemand
  ) -> TrainingDemand? {
    guard let path = context.optionalInput("data"), let file = try? datasetFile(path),
      let status = try? Files.status(file), status.size <= TrainingEstimate.readableBytes
    else { return nil }
    return try? found(try ModelInput(path: model), TrainingSession(planning: context))
  }
}
