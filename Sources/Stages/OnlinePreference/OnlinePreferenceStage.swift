import Artifacts
import JSON
import OrderedCollections
public import Pipeline

/// DPO on the model's own answers, in rounds: sample, score, pair the best with the worst, train,
/// compare.
///
/// Every part is a stage of its own, cached and resumed by itself: `NAME/1/sample`, `NAME/1/score`,
/// `NAME/1/pair`, `NAME/1/train`, `NAME/1/compare`, `NAME/2/sample`, …; the next round starts from the last one's model.
public enum OnlinePreferenceStage: CompositeStage {
  public typealias Settings = Joined<DirectPreferenceStage.Settings, OnlinePreferenceOptions>

  public static let kind = "online-dpo"
  public static let inputs = [
    InputSlot("model", .model), InputSlot("reward", .rewardModel, arity: .optional),
    InputSlot("data", .dataset, .pairs), InputSlot("reference", .model, arity: .optional),
    InputSlot("eval_data", .dataset, .pairs, arity: .optional),
    InputSlot("program", .files, arity: .optional),
  ]
  public static let outputs = [OutputSlot("model", .model)]

  public static func validate(_ settings: Settings) -> [SettingProblem] {
    var problems = DirectPreferenceStage.validate(settings.base)
    problems += settings.own.sampling.problems() + settings.own.pairing.problems()
    problems += score(settings).problems()
    if !(1...100).contains(settings.own.rounds.rounds) {
      problems.append(
        SettingProblem(
          "rounds", "rounds is \(settings.own.rounds.rounds), where 1 to 100 would be right"))
    }
    if !(0...1_000_000).contains(settings.own.rounds.evalSamples) {
      problems.append(
        SettingProblem(
          "eval_samples",
          "eval_samples is \(settings.own.rounds.evalSamples), where 0 (no comparison) or more would be "
            + "right"))
    }
    if settings.own.sampling.numGenerations < 2 {
      problems.append(
        SettingProblem("num_generations", "num_generations is 1, where a pair needs 2 or more"))
    }
    if settings.base.base.lora != nil, !settings.base.base.mergeAdapter {
      problems.append(
        SettingProblem(
          "merge_adapter", "the next round samples from the merged model: leave merge_adapter true")
      )
    }
    if promptLimit(settings) < 2 {
      problems.append(
        SettingProblem(
          "max_length",
          "max_length \(settings.base.base.maxLength) leaves no room for a prompt before "
            + "\(settings.own.sampling.completionLimit) tokens of an answer"))
    }
    return problems
  }

  public static func expand(_ settings: Settings, inputs: [String: [Source]]) throws -> Expansion {
    let rewards = settings.own.rounds.rewards
    if inputs["reward", default: []].isEmpty,
      rewards.isEmpty || rewards.contains(where: { $0.kind == .model })
    {
      throw SettingProblem(
        "rewards",
        "there is nothing to score with: give a reward model as the input `reward`, or rules such as "
          + "`rewards: [{kind: math}]`")
    }
    var stages: [StageDeclaration] = []
    var policy = inputs["model", default: []]
    for round in 1...settings.own.rounds.rounds {
      stages += try self.round(round, settings, inputs, policy: policy)
      policy = [.sibling("\(round)/train", output: nil)]
    }
    return Expansion(
      stages: stages,
      outputs: ["model": .sibling("\(settings.own.rounds.rounds)/train", output: nil)])
  }

  private static func round(
    _ round: Int, _ settings: Settings, _ inputs: [String: [Source]], policy: [Source]
  ) throws -> [StageDeclaration] {
    func made(_ part: String) -> [Source] { [.sibling("\(round)/\(part)", output: nil)] }
    let reference = reference(round, settings, inputs)
    var stages = [
      StageDeclaration(
        name: "\(round)/sample", kind: SampleStage.kind,
        inputs: [("model", policy), ("data", inputs["data", default: []])],
        settings: try written(sample(settings, round: round))),
      StageDeclaration(
        name: "\(round)/score", kind: ScoreStage.kind,
        inputs: present([
          ("completions", made("sample")), ("model", inputs["reward", default: []]),
          ("program", inputs["program", default: []]),
        ]),
        settings: try written(score(settings))),
      StageDeclaration(
        name: "\(round)/pair", kind: PairStage.kind, inputs: [("scores", made("score"))],
        settings: try written(settings.own.pairing)),
      StageDeclaration(
        name: "\(round)/train", kind: DirectPreferenceStage.kind,
        inputs: present([
          ("model", policy), ("data", made("pair")), ("reference", reference),
          ("sampler", policy),
        ]),
        settings: try written(training(settings))),
    ]
    guard settings.own.rounds.evalSamples > 0 else { return stages }
    let given = inputs["eval_data", default: []]
    stages.append(
      StageDeclaration(
        name: "\(round)/compare", kind: CompareStage.kind,
        inputs: present([
          ("model", made("train")), ("start", inputs["model", default: []]), ("previous", policy),
          ("reference", reference.isEmpty ? policy : reference),
          ("reward", inputs["reward", default: []]), ("program", inputs["program", default: []]),
          ("data", given.isEmpty ? inputs["data", default: []] : given),
        ]),
        settings: try written(compare(settings, format: given.isEmpty))))
    return stages
  }

  /// What a round is held to; none is the model that it starts from.
  private static func reference(
    _ round: Int, _ settings: Settings, _ inputs: [String: [Source]]
  ) -> [Source] {
    guard settings.own.rounds.reference == .initial else { return [] }
    let given = inputs["reference", default: []]
    if !given.isEmpty { return given }
    return round == 1 ? [] : inputs["model", default: []]
  }

  private static func sample(_ settings: Settings, round: Int) -> SampleStage.Settings {
    var sample = SampleStage.Settings()
    sample.base = settings.own.sampling
    sample.base.maxPromptLength = promptLimit(settings)
    sample.own.format = settings.base.own.format
    sample.own.maxSamples = settings.own.rounds.maxSamples
    sample.own.round = round
    sample.own.onOverlong = settings.base.base.onOverlong
    sample.own.onMalformed = settings.base.base.onMalformed
    sample.own.bf16 = settings.base.base.bf16
    return sample
  }

  /// Drawn as the rounds draw, one answer to each prompt; `format` is that of the rounds' own prompts.
  private static func compare(_ settings: Settings, format isTheirs: Bool) -> CompareStage.Settings
  {
    var compare = CompareStage.Settings()
    compare.base = settings.own.sampling
    compare.base.numGenerations = 1
    compare.base.maxPromptLength = promptLimit(settings)
    compare.own.format = isTheirs ? settings.base.own.format : nil
    compare.own.maxSamples = settings.own.rounds.evalSamples
    compare.own.rewards = settings.own.rounds.rewards
    compare.own.missingEosPenalty = settings.own.rounds.missingEosPenalty
    compare.own.onOverlong = settings.base.base.onOverlong
    compare.own.onMalformed = settings.base.base.onMalformed
    compare.own.bf16 = settings.base.base.bf16
    return compare
  }

  /// The longest prompt of which every answer fits what training takes.
  private static func promptLimit(_ settings: Settings) -> Int {
    // Sampled without its end, an answer gets one more token where it is trained on.
    let room = settings.base.base.maxLength - settings.own.sampling.completionLimit - 1
    return min(room, settings.own.sampling.maxPromptLength ?? room)
  }

  private static func score(_ settings: Settings) -> ScoreSettings {
    var score = ScoreSettings()
    score.rewards = settings.own.rounds.rewards
    score.missingEosPenalty = settings.own.rounds.missingEosPenalty
    score.maxCompletionLength = settings.own.sampling.completionLimit
    score.bf16 = settings.base.base.bf16
    return score
  }

  /// `format` is that of the prompts; the pairs are our own.
  private static func training(_ settings: Settings) -> DirectPreferenceStage.Settings {
    var training = settings.base
    training.own.format = nil
    return training
  }

  private static func present(
    _ inputs: [(slot: String, sources: [Source])]
  ) -> [(slot: String, sources: [Source])] {
    inputs.filter { !$0.sources.isEmpty }
  }

  private static func written<Group: StageSettings>(_ settings: Group) throws -> JSON {
    try SettingsReading<Group>.resolved(settings)
  }
}
