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
  public static let revision = 1
  public static let inputs = [InputSlot("model", .model), InputSlot("data", .dataset)]
  public static let outputs = [TrainingOutputs.model, TrainingOutputs.adapter]
  public static let usesRanks = true
  public static let nonSemantic = TrainingSettings.nonSemantic.union(
    SamplingSettings.nonSemantic)

  public static func outputs(for settings: Settings) -> [OutputSlot] {
    TrainingOutputs.slots(settings.base, model: TrainingOutputs.model)
  }

  public static func validate(_ settings: Settings) -> [SettingProblem] {
    var problems = settings.base.problems() + settings.own.problems()
    if settings.rewards.contains(where: { $0.kind == .model }) {
      problems.append(
        SettingProblem(
          "rewards",
          "grpo takes rules as rewards (math, exact_match, format, length, repetition, cosine), not a "
            + "model: take `{kind: model}` out, or learn from a reward model with the kind "
            + "`online-dpo` and the input `reward`"))
    }
    return problems
  }

  public static func estimate(
    _ settings: Settings, inputs: [String: [String]]
  ) -> StageEstimate? {
    MemoryEstimate.stage(
      settings.base, inputs: inputs,
      frozenCopies: settings.beta > 0 && settings.lora == nil ? 1 : 0)
  }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let session = try TrainingSession(context, bf16: settings.bf16)
    let input = try ModelInput(path: context.input("model"))
    let data = try PromptDataset(
      session.rows(
        context.input("data"), format: settings.format, malformed: settings.onMalformed),
      encoding: input.tokenizer, limit: promptLimit(settings, input))
    session.report(data.report)
    let transformer = try input.load(
      lora: settings.lora, compute: session.compute, seed: context.seed)
    let loop = PolicyGradientLoop(
      session: session, settings: settings, prompts: data.prompts,
      sampler: RolloutSampler(session, input, settings),
      reference: try reference(input, settings, session))
    let ends = try loop.run(transformer)
    try TrainingOutputs.write(transformer, from: input.directory, settings.base, session)
    session.report(.summary(ends.summary(["reward", "completions/mean_length", "kl"])))
    try session.close()
  }

  /// An answer needs at least one position behind the prompt.
  static func promptLimit(_ settings: Settings, _ input: ModelInput) -> LengthLimit {
    let positions = input.directory.shape.maximumPosition - 1
    return settings.base.lengthLimit(
      positions: min(positions, settings.own.sampling.maxPromptLength ?? positions))
  }

  /// A second copy of the starting model, where its divergence counts and no adapter can be switched
  /// off instead.
  private static func reference(
    _ input: ModelInput, _ settings: Settings, _ session: TrainingSession
  ) throws -> Transformer? {
    guard settings.beta > 0, settings.lora == nil else { return nil }
    return try input.load(compute: session.compute, seed: session.context.seed)
  }
}
