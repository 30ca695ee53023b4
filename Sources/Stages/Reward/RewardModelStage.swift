import Artifacts
import Datasets
import Objectives
import OrderedCollections
public import Pipeline
import Profiling
import Rewards
import Training
import Transformers

/// What `reward` adds to the settings of training.
public struct RewardModelOptions: StageSettings, AdjustsDefaults {
  public var format: String?
  /// κ in κ(c + r)², which keeps rewards of different prompts comparable; 0 leaves it out.
  public var centerRewardsCoefficient = 0.0
  /// Writes the scores' mean and deviation into the model, for whoever uses them with `normalize_reward`.
  public var normalizeReward = false

  public init() {}

  public static func adjust(_ base: inout TrainingSettings) { base.learningRate = 1e-4 }
}

/// A reward model from pairs, by Bradley and Terry, from a base, a tuned model or a reward model.
///
/// A model that has a head already goes on from it; on any other a head of zeros is put.
public enum RewardModelStage: Stage {
  public typealias Settings = Joined<TrainingSettings, RewardModelOptions>

  public static let kind = "reward"
  // 2: the last block goes on with the rows that are read; with bf16 activations wait in two bytes.
  public static let revision = 2
  public static let inputs = [
    InputSlot("model", .model, .rewardModel), InputSlot("data", .dataset, .pairs),
    InputSlot("eval_data", .dataset, .pairs, arity: .optional),
  ]
  public static let outputs = [TrainingOutputs.rewardModel, TrainingOutputs.adapter]
  public static let usesRanks = true
  public static let nonSemantic = TrainingSettings.nonSemantic

  public static func outputs(for settings: Settings) -> [OutputSlot] {
    TrainingOutputs.slots(settings.base, model: TrainingOutputs.rewardModel)
  }

  public static func validate(_ settings: Settings) -> [SettingProblem] {
    var problems = settings.base.problems()
    if !(settings.centerRewardsCoefficient >= 0) {
      problems.append(
        SettingProblem(
          "center_rewards_coefficient",
          "center_rewards_coefficient is \(settings.centerRewardsCoefficient), where 0 or more would be "
            + "right"))
    }
    if settings.normalizeReward, settings.lora != nil, !settings.mergeAdapter {
      problems.append(
        SettingProblem(
          "normalize_reward",
          "mean and deviation are kept in the model's config.json, which an adapter alone has not: leave "
            + "merge_adapter true"))
    }
    return problems
  }

  public static func estimate(
    _ settings: Settings, _ context: StageContext
  ) throws -> StageEstimate? {
    try TrainingEstimate(
      settings: settings.base, context: context, head: .score, sequencesPerExample: 2
    ).estimate { input, session in
      let examples = try self.examples(context.input("data"), input, settings, session)
      return TrainingDemand(
        StepLoad(examples.map(\.sequences), settings.base, seed: context.seed))
    }
  }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let session = try TrainingSession(context, bf16: settings.bf16)
    let input = try ModelInput(path: context.input("model"))
    let examples = try Profiler.measure(.data) {
      try self.examples(context.input("data"), input, settings, session)
    }
    let load = StepLoad(examples.map(\.sequences), settings.base, seed: context.seed)
    let transformer = try session.network(
      input,
      TrainingMemory(
        input.directory, head: .score, settings.base, TrainingDemand(load), context))
    let held = try context.optionalInput("eval_data").map {
      try self.examples($0, input, settings, session)
    }
    // A head that is new scores everything 0, and so ranks half of all pairs right.
    let before =
      try input.directory.isRewardModel
      ? held.map { try quality(of: $0, transformer, session).accuracy.mean } : held.map { _ in 0.5 }
    let ends = try TrainingLoop(session, settings.base).run(
      transformer, examples,
      objective: RewardRankingObjective(centering: settings.centerRewardsCoefficient))
    let after = try held.map { try quality(of: $0, transformer, session) }
    try TrainingOutputs.write(
      transformer, from: input.directory, settings.base, session,
      entries: settings.normalizeReward
        ? normalization(of: held ?? examples, transformer, session).entries : [:])
    var summary: OrderedDictionary<String, Double> = [:]
    if let after {
      summary = after.summary
      summary["eval_accuracy/first"] = before
    }
    summary.merge(ends.summary(["accuracy", "loss"])) { _, last in last }
    session.report(.summary(summary))
    try session.close()
  }

  private static func examples(
    _ path: String, _ input: ModelInput, _ settings: Settings, _ session: TrainingSession
  ) throws -> [TrainingExample<RewardRankingObjective.Example>] {
    let data = try PreferenceDataset(
      session.rows(path, format: settings.format, malformed: settings.onMalformed),
      encoding: input.tokenizer,
      limit: settings.base.lengthLimit(positions: input.directory.shape.maximumPosition))
    session.report(data.report)
    return data.pairs.map { pair in
      TrainingExample(
        sequences: [pair.chosen, pair.rejected].map {
          TargetSequence(prompt: pair.prompt, completion: $0)
        }, facts: RewardRankingObjective.Example(margin: pair.margin ?? 0))
    }
  }

  /// How the model judges some pairs, by all ranks.
  private static func quality(
    of examples: [TrainingExample<RewardRankingObjective.Example>], _ transformer: Transformer,
    _ session: TrainingSession
  ) throws -> RewardQuality {
    let scores = try SequenceScores(session: session).values(
      of: examples.flatMap { $0.sequences.map(\.tokens) }, under: transformer)
    return RewardQuality(
      judgements: examples.indices.map { index in
        let lengths = examples[index].sequences.map(\.targets.count)
        return RewardQuality.Judgement(
          chosen: scores[2 * index], rejected: scores[2 * index + 1], chosenLength: lengths[0],
          rejectedLength: lengths[1])
      })
  }

  /// Of the scores of pairs that were held out, or else of those that were learned from.
  private static func normalization(
    of examples: [TrainingExample<RewardRankingObjective.Example>], _ transformer: Transformer,
    _ session: TrainingSession
  ) throws -> RewardNormalization {
    RewardNormalization(
      of: try SequenceScores(session: session).values(
        of: examples.flatMap { $0.sequences.map(\.tokens) }, under: transformer))
  }
}
