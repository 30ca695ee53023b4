import Artifacts
public import Datasets
public import Objectives
import OrderedCollections
public import Pipeline
import Profiling
import Text
import Training
import Transformers

/// What `sft` adds to the settings of training.
public struct SupervisedOptions: StageSettings, AdjustsDefaults {
  /// The layout of the rows; recognised where it is not named.
  public var format: String?
  /// Which tokens of a conversation are learned.
  public var supervision = Supervision.assistant
  /// `nll`, or `dft`, which weights each token by its own probability (arXiv:2508.05629).
  public var lossType = SupervisedObjective.Loss.likelihood
  /// Fills rows of `max_length` with several sequences; attention stays within each.
  public var packing = PackingChoice.none
  /// Starts from random weights drawn under the seed, whatever weights the model has.
  public var initialize = false

  public init() {}

  public static func adjust(_ base: inout TrainingSettings) {}

  public enum PackingChoice: String, Codable, Sendable, CaseIterable {
    case none
    /// Best-fit decreasing: no sequence is cut.
    case bfd
    /// One stream of texts cut into blocks of `max_length`, for pretraining.
    case wrapped
  }
}

/// Supervised fine-tuning on conversations, prompts with completions, or plain text.
public enum SupervisedStage: Stage {
  public typealias Settings = Joined<TrainingSettings, SupervisedOptions>

  public static let kind = "sft"
  // 2: tokens behind the last target are not read.
  // 3: the last block goes on with the rows that are read; with bf16 activations wait in two bytes.
  public static let revision = 3
  public static let inputs = [InputSlot("model", .model), InputSlot("data", .dataset)]
  public static let outputs = [TrainingOutputs.model, TrainingOutputs.adapter]
  public static let usesRanks = true
  public static let nonSemantic = TrainingSettings.nonSemantic

  public static func outputs(for settings: Settings) -> [OutputSlot] {
    TrainingOutputs.slots(settings.base, model: TrainingOutputs.model)
  }

  public static func validate(_ settings: Settings) -> [SettingProblem] {
    settings.base.problems()
  }

  public static func estimate(
    _ settings: Settings, _ context: StageContext
  ) throws -> StageEstimate? {
    try TrainingEstimate(
      settings: settings.base, context: context, initialize: settings.initialize
    ).estimate { input, session in
      let rows = try session.rows(
        context.input("data"), format: settings.format, malformed: settings.onMalformed)
      return TrainingDemand(
        StepLoad(
          try examples(rows, input, settings, session).map(\.sequences), settings.base,
          seed: context.seed))
    }
  }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let session = try TrainingSession(context, bf16: settings.bf16)
    let input = try ModelInput(path: context.input("model"))
    let rows = try session.rows(
      context.input("data"), format: settings.format, malformed: settings.onMalformed)
    let examples = try Profiler.measure(.data) {
      try self.examples(rows, input, settings, session)
    }
    let load = StepLoad(examples.map(\.sequences), settings.base, seed: context.seed)
    let transformer = try session.network(
      input,
      TrainingMemory(
        input.directory, settings.base, TrainingDemand(load), context,
        initialize: settings.initialize),
      initialize: settings.initialize)
    let ends = try TrainingLoop(session, settings.base).run(
      transformer, examples, objective: SupervisedObjective(loss: settings.lossType))
    try TrainingOutputs.write(transformer, from: input.directory, settings.base, session)
    var summary = ends.summary(["loss"])
    summary["examples"] = Double(examples.count)
    session.report(.summary(summary))
    try session.close()
  }

  static func examples(
    _ rows: RowSet, _ input: ModelInput, _ settings: Settings, _ session: TrainingSession
  ) throws -> [TrainingExample<SupervisedObjective.Example>] {
    let fitting = settings.base.lengthLimit(positions: input.directory.shape.maximumPosition)
    // A stream that is cut into blocks has no rows that could be too long.
    let limit =
      settings.packing == .wrapped
      ? LengthLimit(maximum: .max, policy: .error) : fitting
    let data = try SupervisedDataset(
      rows, encoding: input.tokenizer, supervision: settings.supervision, limit: limit)
    session.report(data.report)
    switch settings.packing {
    case .none:
      return data.sequences.map { example([$0]) }
    case .wrapped:
      return Packing.wrapped(data.sequences.map(\.ids), blockLength: fitting.maximum).map {
        example([$0])
      }
    case .bfd:
      return Packing.bestFitDecreasing(
        lengths: data.sequences.map(\.ids.count), capacity: settings.maxLength
      ).map { row in example(row.map { data.sequences[$0] }) }
    }
  }

  /// One row of a batch: a sequence, or the several that a packed row holds.
  private static func example(
    _ sequences: [TokenSequence]
  ) -> TrainingExample<SupervisedObjective.Example> {
    let targets = sequences.map { sequence in
      TargetSequence(
        tokens: sequence.ids,
        targets: sequence.isTarget.indices.filter { $0 > 0 && sequence.isTarget[$0] })
    }
    return TrainingExample(
      sequences: targets,
      facts: SupervisedObjective.Example(
        isLearned: Array(repeating: true, count: targets.reduce(0) { $0 + $1.targets.count })))
  }
}
