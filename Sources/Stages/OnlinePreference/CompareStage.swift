import Artifacts
public import Datasets
import JSON
import Kernels
public import Pipeline

/// What `compare` adds to how answers are drawn.
public struct CompareOptions: StageSettings, AdjustsDefaults {
  public var format: String?
  /// The most prompts, drawn by the recipe's seed; nil takes all.
  public var maxSamples: Int?
  /// What answers are scored by; by default the reward model that is given.
  public var rewards: [RewardSettings] = []
  public var missingEosPenalty = 0.0
  public var onOverlong = TrainingSettings.Overlong.error
  public var onMalformed = MalformedPolicy.error
  public var bf16 = false

  public init() {}

  public static func adjust(_ base: inout SamplingSettings) { base.numGenerations = 1 }
}

/// What a round of training came to: the policy's answers against those of the round before and of
/// the start, by the same rewards, and how far it has gone from its reference.
///
/// All answer the same prompts at the same coordinates of randomness.
public enum CompareStage: Stage {
  public typealias Settings = Joined<SamplingSettings, CompareOptions>

  public static let kind = "compare"
  public static let revision = 2
  public static let inputs = [
    InputSlot("model", .model), InputSlot("start", .model),
    InputSlot("previous", .model, arity: .optional),
    InputSlot("reference", .model, arity: .optional),
    InputSlot("reward", .rewardModel, arity: .optional), InputSlot("data", .dataset, .pairs),
    InputSlot("program", .files, arity: .optional),
  ]
  public static let outputs = [OutputSlot("report", .report)]
  public static let usesRanks = true
  public static let nonSemantic = SamplingSettings.nonSemantic
  public static let keyedOnlyIfSet = SamplingSettings.keyedOnlyIfSet

  static let fileName = "answers.jsonl"

  public static func validate(_ settings: Settings) -> [SettingProblem] {
    var problems = settings.base.problems() + score(settings).problems()
    if let count = settings.maxSamples, count < 1 {
      problems.append(
        SettingProblem("max_samples", "max_samples is \(count), where 1 or more would be right"))
    }
    return problems
  }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let session = try TrainingSession(context, bf16: settings.bf16)
    let round = RoundAnswers(settings, session)
    var (model, kl) = try round.policy(at: context.input("model"))
    var start = try round.answers("start", at: context.input("start"))
    var previous: [CompletionRow]?
    if let path = context.optionalInput("previous"), !round.isSame("previous", "start") {
      previous = try round.answers("previous", at: path)
    }
    let scorer = RewardScorer(
      score(settings), model: context.optionalInput("reward"),
      program: context.optionalInput("program"), slot: "reward", session)
    try scorer.score(&model)
    try scorer.score(&start)
    if var rows = previous {
      try scorer.score(&rows)
      previous = rows
    }
    let comparison = RoundComparison(model: model, start: start, previous: previous, kl: kl)
    try session.onFirst { try publish(comparison, settings, context) }
    session.report(.summary(comparison.summary))
    try session.close()
  }

  private static func score(_ settings: Settings) -> ScoreSettings {
    var score = ScoreSettings()
    score.rewards = settings.rewards
    score.missingEosPenalty = settings.missingEosPenalty
    score.maxCompletionLength = settings.base.completionLimit
    score.bf16 = settings.bf16
    return score
  }

  private static func publish(
    _ comparison: RoundComparison, _ settings: Settings, _ context: StageContext
  ) throws {
    let folder = try context.output("report")
    var json = comparison.json
    if let weights = settings.weights { json["weights"] = .string(weights.rawValue) }
    try Files.replace(
      "\(folder)/report.json", with: Array((json.serialized(.pretty) + "\n").utf8))
    try Files.replace("\(folder)/\(fileName)", with: comparison.answers)
  }
}
