import Artifacts
import Datasets
import JSON
public import Pipeline
import Rewards

/// How good models are: right answers to problems, wins over a baseline by a reward model, agreement
/// with preferences, loss on held-out rows; each with its interval.
///
/// What is measured follows from what is given: `problems`, `prompts` (with `reward`), `pairs`, `text`.
public enum EvaluateStage: Stage {
  public typealias Settings = Joined<SamplingSettings, EvaluationOptions>

  public static let kind = "evaluate"
  public static let revision = 1
  public static let inputs = [
    InputSlot("models", .model, arity: .list), InputSlot("baseline", .model, arity: .optional),
    InputSlot("reward", .rewardModel, arity: .optional),
    InputSlot("problems", .dataset, arity: .optional),
    InputSlot("prompts", .dataset, .pairs, arity: .optional),
    InputSlot("pairs", .dataset, .pairs, arity: .optional),
    InputSlot("text", .dataset, arity: .optional),
  ]
  public static let outputs = [OutputSlot("report", .report)]
  public static let usesRanks = true
  public static let nonSemantic = SamplingSettings.nonSemantic

  public static func validate(_ settings: Settings) -> [SettingProblem] {
    settings.base.problems() + settings.own.problems()
  }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let session = try TrainingSession(context, bf16: settings.bf16)
    let paths = context.inputs("models")
    let names = try names(paths, settings)
    let data = try EvaluationData(settings, session)
    let probe = ModelProbe(session: session, settings: settings, data: data)
    let baseline = try context.optionalInput("baseline").map { path in
      session.report(.note("baseline"))
      return try probe.answers(path)
    }
    let answers = try zip(names, paths).map { name, path in
      session.report(.note(name))
      return try probe.answers(path)
    }
    let report = try report(names, answers, baseline, data, settings, session)
    try session.onFirst { try publish(report, names, settings, context) }
    session.report(.summary(report.summary))
    if let verdict = report.verdict { session.report(.note(verdict)) }
    try session.close()
  }

  /// Names that the recipe gives, or else the folders', or else numbers.
  ///
  /// Another stage's model lies in a folder whose name is a number and says nothing.
  private static func names(_ paths: [String], _ settings: Settings) throws -> [String] {
    guard !paths.isEmpty else { throw BadInput("there is nothing to evaluate: `models` is empty") }
    if let names = settings.names {
      guard names.count == paths.count else {
        throw BadInput(
          "there are \(paths.count) models and \(names.count) names, where one each would be right")
      }
      return names
    }
    var names: [String] = []
    for (index, path) in paths.enumerated() {
      let folder = path.split(separator: "/").last.map(String.init) ?? ""
      let isPlain = folder.isEmpty || folder.allSatisfy(\.isNumber) || names.contains(folder)
      names.append(isPlain || folder == "baseline" ? "model-\(index + 1)" : folder)
    }
    return names
  }

  private static func report(
    _ names: [String], _ answers: [ModelAnswers], _ baseline: ModelAnswers?, _ data: EvaluationData,
    _ settings: Settings, _ session: TrainingSession
  ) throws -> EvaluationReport {
    var judgement = Judgement(verifier: settings.own.verifier.rule, baseline: baseline)
    var scorer: RewardModelScorer?
    if let path = session.context.optionalInput("reward") {
      scorer = try RewardModelScorer(path: path, session)
    }
    if let baseline { judgement.baselineRewards = try rewards(baseline, scorer) }
    let models = try zip(names, answers).map { name, answers in
      judgement.evaluation(name, answers, rewards: try rewards(answers, scorer))
    }
    return EvaluationReport(
      models: models,
      baseline: baseline.map {
        var evaluation = judgement.evaluation("baseline", $0, rewards: judgement.baselineRewards)
        // Against itself it would win half of all, which says nothing.
        evaluation.winRate = nil
        evaluation.implicitAccuracy = nil
        return evaluation
      },
      rewardAccuracy: try rewardAccuracy(scorer, data), k: settings.numGenerations)
  }

  /// The reward of each answer to a prompt.
  private static func rewards(
    _ answers: ModelAnswers, _ scorer: RewardModelScorer?
  ) throws -> [[Double]] {
    guard let scorer, !answers.prompts.isEmpty else { return [] }
    let scores = try scorer.scores(
      of: zip(answers.prompts, answers.promptAnswers).flatMap { prompt, answers in
        answers.map { (prompt.prompt, $0.text) }
      })
    let count = answers.promptAnswers.first?.count ?? 1
    return answers.prompts.indices.map { Array(scores[$0 * count..<($0 + 1) * count]) }
  }

  private static func rewardAccuracy(
    _ scorer: RewardModelScorer?, _ data: EvaluationData
  ) throws -> Estimate? {
    guard let scorer, let rows = data.pairs?.rows else { return nil }
    let answers = rows.flatMap { row -> [(prompt: Prompt, text: String)] in
      guard case .preference(let prompt, let chosen, let rejected, _) = row.content else {
        return []
      }
      return [(prompt, chosen), (prompt, rejected)]
    }
    let scores = try scorer.scores(of: answers)
    return Judgement.share(
      stride(from: 0, to: scores.count, by: 2).map { scores[$0] - scores[$0 + 1] })
  }

  private static func publish(
    _ report: EvaluationReport, _ names: [String], _ settings: Settings, _ context: StageContext
  ) throws {
    let folder = try context.output("report")
    var json = report.json
    var drawn = try SettingsReading<SamplingSettings>.resolved(settings.base)
    for key in SamplingSettings.nonSemantic.sorted() { drawn[key] = nil }
    json["sampling"] = drawn
    try Files.replace("\(folder)/report.json", with: Array((json.serialized(.pretty) + "\n").utf8))
    try Files.replace("\(folder)/report.md", with: Array(report.markdown.utf8))
  }
}
