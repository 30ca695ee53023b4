import Artifacts
import Datasets
import Objectives
import OrderedCollections
public import Pipeline
import Profiling
import Training
import Transformers

/// Direct preference optimization (arXiv:2305.18290) and its family from pairs, of all weights or of an adapter.
///
/// The reference is the model that training starts from, or the one named. What it says of the answers is made once, by a
/// stage before this one, and serves every other loss and β.
public enum DirectPreferenceStage: Stage {
  public typealias Settings = Joined<TrainingSettings, DirectPreferenceOptions>

  public static let kind = "dpo"
  // 2: tokens behind the last target are not read.
  // 3: the last block goes on with the rows that are read; with bf16 activations wait in two bytes.
  public static let revision = 3
  public static let inputs = [
    InputSlot("model", .model), InputSlot("data", .dataset, .pairs),
    InputSlot("reference", .model, arity: .optional),
    InputSlot("sampler", .model, arity: .optional), ReferencePreparation.slot,
  ]
  public static let outputs = [TrainingOutputs.model, TrainingOutputs.adapter]
  public static let usesRanks = true
  public static let nonSemantic = TrainingSettings.nonSemantic

  public static func outputs(for settings: Settings) -> [OutputSlot] {
    TrainingOutputs.slots(settings.base, model: TrainingOutputs.model)
  }

  public static func validate(_ settings: Settings) -> [SettingProblem] {
    var problems = settings.base.problems() + settings.own.problems()
    if settings.syncRefModel, settings.lora != nil {
      problems.append(
        SettingProblem(
          "sync_ref_model",
          "an adapter's reference is the base without it, which cannot follow: take out lora or "
            + "sync_ref_model"))
    }
    return problems
  }

  public static func preparations(
    _ settings: Settings, inputs: [String: [Source]]
  ) -> [Preparation] {
    guard settings.own.usesReference, !settings.syncRefModel else { return [] }
    return ReferencePreparation.preparations(
      .pairs, settings.base, format: settings.format, inputs: inputs)
  }

  public static func estimate(
    _ settings: Settings, _ context: StageContext
  ) throws -> StageEstimate? {
    try TrainingEstimate(
      settings: settings.base, context: context, sequencesPerExample: 2,
      companion: settings.syncRefModel ? .moving : nil
    ).estimate { input, session in
      let reading = AnswerReading(settings.base, format: settings.format)
      let pairs = try reading.pairs(context.input("data"), input, session).pairs.map(\.sequences)
      return TrainingDemand(StepLoad(pairs, settings.base, seed: context.seed))
    }
  }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let session = try TrainingSession(context, bf16: settings.bf16)
    if let weights = try SamplerRecord.check(context, data: "data")?.weights {
      session.report(.note("the pairs' sampler kept its weights in \(weights)"))
    }
    let input = try ModelInput(path: context.input("model"))
    let reading = AnswerReading(settings.base, format: settings.format)
    let data = try Profiler.measure(.data) {
      try reading.pairs(context.input("data"), input, session)
    }
    session.report(data.report)
    let pairs = data.pairs.map(\.sequences)
    let load = StepLoad(pairs, settings.base, seed: context.seed)
    let transformer = try session.network(
      input,
      TrainingMemory(
        input.directory, settings.base, TrainingDemand(load), context,
        companion: settings.syncRefModel ? .moving : nil))
    let objective = try settings.own.objective()
    let facts = try facts(pairs, transformer, objective, settings, session)
    let examples = zip(pairs, facts).map { TrainingExample(sequences: $0, facts: $1) }
    let hooks = try moving(input, objective, settings, session)?.hooks ?? StepHooks()
    let ends = try TrainingLoop(session, settings.base).run(
      transformer, examples, objective: objective, hooks: hooks)
    try TrainingOutputs.write(transformer, from: input.directory, settings.base, session)
    var summary = ends.summary(["rewards/accuracies", "rewards/margins", "loss"])
    summary["pairs"] = Double(pairs.count)
    session.report(.summary(summary))
    try session.close()
  }

  /// What is known of each pair before the first step; nothing where the reference is no model, or moves.
  private static func facts(
    _ pairs: [[TargetSequence]], _ policy: Transformer, _ objective: PreferenceObjective,
    _ settings: Settings, _ session: TrainingSession
  ) throws -> [PreferenceObjective.Example] {
    guard settings.own.usesReference, !settings.syncRefModel else {
      return pairs.map { _ in PreferenceObjective.Example() }
    }
    let values = try ReferencePreparation(
      session: session, tokenBudget: settings.microBatchTokens
    ).values(of: pairs.flatMap { $0 }, policy)
    return pairs.indices.map { index in
      objective.example(reference: [values[2 * index][...], values[2 * index + 1][...]])
    }
  }

  /// The reference that follows the policy, where there is one.
  private static func moving(
    _ input: ModelInput, _ objective: PreferenceObjective, _ settings: Settings,
    _ session: TrainingSession
  ) throws -> MovingReference? {
    guard settings.syncRefModel else { return nil }
    let source = try session.context.optionalInput("reference").map { try ModelInput(path: $0) }
    guard source.map({ $0.directory.shape == input.directory.shape }) ?? true else {
      throw BadInput(
        "with sync_ref_model the reference becomes a mixture with the policy, and needs its shape; "
          + "config.json of the input `reference` says another")
    }
    return MovingReference(
      pass: ReferenceLogProbabilities(session: session, tokenBudget: settings.microBatchTokens),
      network: try (source ?? input).load(
        compute: session.compute, seed: session.context.seed, isFrozen: false),
      share: settings.refModelMixupAlpha, steps: settings.refModelSyncSteps, objective: objective)
  }
}
