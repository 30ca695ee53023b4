import Artifacts
import Datasets
import JSON
import OrderedCollections
public import Pipeline

/// How `score` judges.
public struct ScoreSettings: StageSettings {
  /// What is added up, each with its weight; by default the reward model that is given.
  public var rewards: [RewardSettings] = []
  /// Taken off an answer that was cut at its longest length instead of ending itself.
  public var missingEosPenalty = 0.0
  /// The longest answer, for rewards that punish length.
  public var maxCompletionLength = 256
  public var bf16 = false

  public init() {}

  func problems() -> [SettingProblem] {
    var problems: [SettingProblem] = []
    if !(missingEosPenalty >= 0 && missingEosPenalty.isFinite) {
      problems.append(
        SettingProblem(
          "missing_eos_penalty",
          "missing_eos_penalty is \(missingEosPenalty), where 0 or more would be right"))
    }
    if maxCompletionLength < 1 {
      problems.append(
        SettingProblem(
          "max_completion_length",
          "max_completion_length is \(maxCompletionLength), where 1 or more would be right"))
    }
    problems += rewards.problems()
    return problems
  }
}

/// Answers with the rewards they earn: by a reward model, by rules, or by both with weights.
public enum ScoreStage: Stage {
  public typealias Settings = ScoreSettings

  public static let kind = "score"
  public static let revision = 4
  public static let inputs = [
    InputSlot("completions", .completions),
    InputSlot("model", .rewardModel, arity: .optional),
    InputSlot("program", .files, arity: .optional),
  ]
  public static let outputs = [OutputSlot("scores", .scores)]
  public static let usesRanks = true

  static let fileName = "scores.jsonl"

  public static func validate(_ settings: Settings) -> [SettingProblem] { settings.problems() }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let session = try TrainingSession(context, bf16: settings.bf16)
    var rows = try CompletionRow.read(
      context.input("completions"), name: SampleStage.fileName)
    try RewardScorer(
      settings, model: context.optionalInput("model"), program: context.optionalInput("program"),
      session
    ).score(&rows)
    try session.onFirst {
      let output = try context.output("scores")
      try Files.replace("\(output)/\(fileName)", with: CompletionRow.lines(rows))
      try SamplerRecord.carry(from: context.input("completions"), to: output)
    }
    report(rows, session)
    try session.close()
  }

  private static func report(_ rows: [CompletionRow], _ session: TrainingSession) {
    let scores = rows.flatMap(\.scores)
    let spreads = rows.map { ($0.scores.max() ?? 0) - ($0.scores.min() ?? 0) }
    var summary: OrderedDictionary<String, Double> = [
      "completions": Double(scores.count), "scores/mean": mean(scores),
      "scores/best": mean(rows.compactMap { $0.scores.max() }), "scores/spread": mean(spreads),
    ]
    for name in rows.first?.rewards.keys ?? [] {
      summary["rewards/\(name)/mean"] = mean(rows.flatMap { $0.rewards[name] ?? [] })
    }
    session.report(.summary(summary))
  }
}

/// The mean of some numbers; 0 of none.
func mean(_ values: [Double]) -> Double {
  values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
}
