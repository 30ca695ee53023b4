import Artifacts
import JSON
public import Pipeline
import Suggestions

/// Rejection-sampling fine-tuning: sample, keep answers that are verified right and differ, learn them
/// (RFT, arXiv:2308.01825).
///
/// Every part is a stage of its own: `NAME/1/sample`, `NAME/1/score`, `NAME/1/filter`,
/// `NAME/1/train`.
public enum RejectionSamplingStage: CompositeStage {
  public typealias Settings = Joined<SupervisedStage.Settings, RejectionSamplingOptions>

  public static let kind = "rft"
  public static let inputs = [
    InputSlot("model", .model), InputSlot("data", .dataset, .pairs),
    InputSlot("sampler", .model, arity: .optional),
    InputSlot("reward", .rewardModel, arity: .optional),
    InputSlot("program", .files, arity: .optional),
    InputSlot("against", .dataset, .pairs, arity: .optionalList),
  ]
  public static let outputs = [OutputSlot("model", .model), OutputSlot("data", .dataset)]

  public static func validate(_ settings: Settings) -> [SettingProblem] {
    SupervisedStage.validate(settings.base) + SampleStage.validate(sample(settings))
      + score(settings).problems() + filter(settings).problems()
  }

  public static func expand(_ settings: Settings, inputs: [String: [Source]]) throws -> Expansion {
    let needsModel = settings.own.selection.rewards.contains { $0.kind == .model }
    if needsModel, inputs["reward", default: []].isEmpty {
      throw SettingProblem(
        "rewards", "`{kind: model}` wants a reward model as the input `reward`")
    }
    let titles = settings.own.selection.rewards.map(\.title)
    if let wanted = settings.own.selection.passReward, !titles.contains(wanted) {
      throw SettingProblem(
        "pass_reward",
        "there is no reward `\(wanted)`\(closing(wanted, among: titles)) The rewards are "
          + titles.joined(separator: ", "))
    }
    if settings.own.selection.rewards.isEmpty {
      throw SettingProblem(
        "rewards", "rewards is empty, where a list such as [{kind: math}] would be right")
    }
    let model = inputs["model", default: []]
    let sampler = inputs["sampler", default: []]
    let reward = inputs["reward", default: []]
    func made(_ part: String) -> [Source] { [.sibling("1/\(part)", output: nil)] }
    let all: [(String, String, [(slot: String, sources: [Source])], JSON)] = [
      (
        "1/sample", SampleStage.kind,
        [("model", sampler.isEmpty ? model : sampler), ("data", inputs["data", default: []])],
        try SettingsReading.resolved(sample(settings))
      ),
      (
        "1/score", ScoreStage.kind,
        [
          ("completions", made("sample")), ("model", reward),
          ("program", inputs["program", default: []]),
        ],
        try SettingsReading.resolved(score(settings))
      ),
      (
        "1/filter", FilterStage.kind,
        [("data", made("score")), ("against", inputs["against", default: []])],
        try SettingsReading.resolved(filter(settings))
      ),
      (
        "1/train", SupervisedStage.kind, [("model", model), ("data", made("filter"))],
        try SettingsReading.resolved(training(settings))
      ),
    ]
    return Expansion(
      stages: all.map { name, kind, inputs, settings in
        StageDeclaration(
          name: name, kind: kind, inputs: inputs.filter { !$0.sources.isEmpty }, settings: settings)
      },
      outputs: [
        "model": .sibling("1/train", output: nil), "data": .sibling("1/filter", output: nil),
      ])
  }

  private static func sample(_ settings: Settings) -> SampleStage.Settings {
    let training = settings.base.base
    var sample = SampleStage.Settings()
    sample.base = settings.own.sampling
    // Sampled without its end, an answer gets one more token where it is trained on.
    let room = training.maxLength - settings.own.sampling.completionLimit - 1
    sample.base.maxPromptLength = min(room, settings.own.sampling.maxPromptLength ?? room)
    sample.own.format = settings.base.own.format
    sample.own.maxSamples = settings.own.selection.maxSamples
    sample.own.round = settings.own.selection.round
    sample.own.onOverlong = training.onOverlong
    sample.own.onMalformed = training.onMalformed
    sample.own.bf16 = training.bf16
    return sample
  }

  private static func score(_ settings: Settings) -> ScoreSettings {
    var score = ScoreSettings()
    score.rewards = settings.own.selection.rewards
    score.maxCompletionLength = settings.own.sampling.completionLimit
    score.bf16 = settings.base.base.bf16
    return score
  }

  private static func filter(_ settings: Settings) -> FilterSettings {
    let selection = settings.own.selection
    var filter = FilterSettings()
    filter.passReward = selection.passReward
    filter.passScore = selection.passScore
    filter.minPassRate = selection.minPassRate
    filter.maxPassRate = selection.maxPassRate
    filter.requireStop = selection.requireStop
    filter.maxPerPrompt = selection.maxPerPrompt
    filter.maxSimilarity = selection.maxSimilarity
    return filter
  }

  /// `format` is that of the prompts; the rows that are learned are our own.
  private static func training(_ settings: Settings) -> SupervisedStage.Settings {
    var training = settings.base
    training.own.format = nil
    return training
  }
}
