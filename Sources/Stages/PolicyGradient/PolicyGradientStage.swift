import Artifacts
import Datasets
import JSON
import Objectives
import OrderedCollections
public import Pipeline
import Training
import Transformers

/// Group-relative policy optimization (arXiv:2402.03300) on problems with checkable answers.
public enum PolicyGradientStage: Stage {
  public typealias Settings = Joined<TrainingSettings, PolicyGradientOptions>

  public static let kind = "grpo"
  // 5: the last block goes on with the rows that are read; with bf16 activations wait in two bytes.
  public static let revision = 5
  public static let inputs = [
    InputSlot("model", .model), InputSlot("data", .dataset, arity: .optional),
    InputSlot("rollouts", .scores, .completions, arity: .optional),
    InputSlot("reference", .model, arity: .optional),
    InputSlot("reward", .rewardModel, arity: .optional),
    InputSlot("program", .files, arity: .optional),
  ]
  public static let outputs = [TrainingOutputs.model, TrainingOutputs.adapter, rolloutsOutput]
  private static let rolloutsOutput = OutputSlot("rollouts", .scores)
  public static let usesRanks = true
  public static let nonSemantic = TrainingSettings.nonSemantic.union(
    SamplingSettings.nonSemantic)
  public static let keyedOnlyIfSet = SamplingSettings.keyedOnlyIfSet

  public static func outputs(for settings: Settings) -> [OutputSlot] {
    TrainingOutputs.slots(settings.base, model: TrainingOutputs.model)
      + (settings.saveRollouts ? [rolloutsOutput] : [])
  }

  public static func validate(_ settings: Settings) -> [SettingProblem] {
    settings.base.problems() + settings.own.problems(bf16: settings.bf16)
  }

  public static func estimate(
    _ settings: Settings, _ context: StageContext
  ) throws -> StageEstimate? {
    let estimate = TrainingEstimate(
      settings: settings.base, context: context, companion: companion(settings, context),
      bound: { TrainingDemand(settings, $0, ranks: context.ranks) })
    return try estimate.estimate { input, session in
      let lengths = try prompts(settings, input, session).map(\.ids.count)
      return TrainingDemand(
        settings, input.directory.shape, longestPrompt: lengths.max(), ranks: context.ranks)
    }
  }

  /// What `reference` loads.
  private static func companion(
    _ settings: Settings, _ context: StageContext
  ) -> TrainingMemory.Companion? {
    let isGiven = context.optionalInput("reference") != nil
    return settings.beta > 0 && (isGiven || settings.lora == nil) ? .frozen : nil
  }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let session = try TrainingSession(context, bf16: settings.bf16)
    let input = try ModelInput(path: context.input("model"))
    let scorer = try AnswerScorer(
      settings.rewards, maximumLength: settings.own.sampling.completionLimit,
      model: context.optionalInput("reward"), program: context.optionalInput("program"),
      slot: "reward", session)
    let given = try context.optionalInput("rollouts").map {
      try GivenRollouts(path: $0, titles: scorer.titles, encoding: input.tokenizer)
    }
    let prompts = given == nil ? try self.prompts(settings, input, session) : []
    let demand =
      given.map { TrainingDemand(settings, $0) }
      ?? TrainingDemand(
        settings, input.directory.shape, longestPrompt: prompts.map(\.ids.count).max(),
        ranks: context.ranks)
    let memory = TrainingMemory(
      input.directory, settings.base, demand, context,
      companion: companion(settings, context))
    var sampled = settings
    if let cache = try memory.plan().cacheBytes {
      sampled.own.sampling.kvCacheMemoryBytes = MemorySize(bytes: cache)
    }
    let transformer = try session.network(input, memory)
    let loop = PolicyGradientLoop(
      session: session, settings: settings,
      sampler: RolloutSampler(
        session: session, settings: sampled, prompts: prompts, tokenizer: input.tokenizer,
        stopTokens: input.stopTokens, scorer: scorer,
        recording: demand.sampling?.recordedRows == nil ? nil : ActivationRecording()),
      given: given, reference: try reference(input, settings, session),
      archive: RolloutArchive(session: session, titles: scorer.titles))
    let ends = try loop.run(transformer)
    try TrainingOutputs.write(transformer, from: input.directory, settings.base, session)
    if settings.saveRollouts {
      try loop.archive.publish(
        generations: loop.generations, to: context.output(rolloutsOutput.name))
    }
    session.report(.summary(ends.summary(["reward", "completions/mean_length", "kl"])))
    try session.close()
  }

  private static func prompts(
    _ settings: Settings, _ input: ModelInput, _ session: TrainingSession
  ) throws -> [SamplingPrompt] {
    guard let path = session.context.optionalInput("data") else {
      throw BadInput(
        "there is nothing to learn from: give problems as the input `data`, or completions as the "
          + "input `rollouts`")
    }
    let data = try PromptDataset(
      session.rows(path, format: settings.format, malformed: settings.onMalformed),
      encoding: input.tokenizer, limit: promptLimit(settings, input))
    session.report(data.report)
    return data.prompts
  }

  /// An answer needs at least one position behind the prompt.
  static func promptLimit(_ settings: Settings, _ input: ModelInput) -> LengthLimit {
    let positions = input.directory.shape.maximumPosition - 1
    return settings.base.lengthLimit(
      positions: min(positions, settings.own.sampling.maxPromptLength ?? positions))
  }

  /// What the divergence is from, where it counts: the model that was given; else a second copy of the starting one, unless an
  /// adapter can be switched off instead.
  private static func reference(
    _ input: ModelInput, _ settings: Settings, _ session: TrainingSession
  ) throws -> Transformer? {
    guard let path = session.context.optionalInput("reference") else {
      guard settings.beta > 0, settings.lora == nil else { return nil }
      return try input.load(
        compute: session.compute, seed: session.context.seed, isFrozen: true)
    }
    guard settings.beta > 0 else {
      throw BadInput(
        "the input `reference` would never be asked: what holds the policy to it is weighted by `beta`, "
          + "which is 0; give `beta` (0.001 to 0.1), or leave the reference out")
    }
    let other = try ModelInput(path: path)
    let (ours, theirs) = (
      input.directory.shape.vocabularySize, other.directory.shape.vocabularySize
    )
    guard ours == theirs else {
      throw BadInput(
        "the input `reference` has a vocabulary of \(theirs) tokens and the policy one of \(ours): a "
          + "divergence is between models that share their tokens")
    }
    return try other.load(
      compute: session.compute, seed: session.context.seed, isFrozen: true)
  }
}
