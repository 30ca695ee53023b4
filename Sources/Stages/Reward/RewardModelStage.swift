import Artifacts
import Datasets
import Objectives
import OrderedCollections
public import Pipeline
import Training
import Transformers

/// What `reward` adds to the settings of training.
public struct RewardModelOptions: StageSettings, AdjustsDefaults {
  public var format: String?
  /// κ in κ(c + r)², which keeps rewards of different prompts comparable; 0 leaves it out.
  public var centerRewardsCoefficient = 0.0

  public init() {}

  public static func adjust(_ base: inout TrainingSettings) { base.learningRate = 1e-4 }
}

/// A reward model from pairs, by Bradley and Terry, from a base, a tuned model or a reward model.
public enum RewardModelStage: Stage {
  public typealias Settings = Joined<TrainingSettings, RewardModelOptions>

  public static let kind = "reward"
  public static let revision = 1
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
    settings.base.problems()
  }

  public static func estimate(
    _ settings: Settings, inputs: [String: [String]]
  ) -> StageEstimate? {
    MemoryEstimate.stage(settings.base, inputs: inputs, sequencesPerExample: 2)
  }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let session = try TrainingSession(context, bf16: settings.bf16)
    let input = try ModelInput(path: context.input("model"))
    let examples = try examples(context.input("data"), input, settings, session)
    let transformer = try input.load(
      head: .score, lora: settings.lora, compute: session.compute, seed: context.seed)
    let held = try context.optionalInput("eval_data").map {
      try self.examples($0, input, settings, session)
    }
    // A head that is new scores everything 0, and so ranks half of all pairs right.
    let before = held.map {
      input.directory.isRewardModel ? heldOutAccuracy(transformer, $0) : 0.5
    }
    let ends = try TrainingLoop(session, settings.base).run(
      transformer, examples,
      objective: RewardRankingObjective(centering: settings.centerRewardsCoefficient))
    try TrainingOutputs.write(transformer, from: input.directory, settings.base, session)
    var summary: OrderedDictionary<String, Double> = [:]
    if let held {
      summary["eval_accuracy"] = heldOutAccuracy(transformer, held)
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

  /// The share of pairs whose better answer scores higher, equal scores counting half.
  private static func heldOutAccuracy(
    _ transformer: Transformer, _ examples: [TrainingExample<RewardRankingObjective.Example>]
  ) -> Double {
    let right = examples.reduce(0.0) { sum, example in
      let scores = transformer.scores(of: example.sequences.map(\.tokens)).values
      return sum + (scores[0] > scores[1] ? 1 : scores[0] == scores[1] ? 0.5 : 0)
    }
    return right / Double(max(1, examples.count))
  }
}
