import Artifacts
import Datasets
import JSON
import OrderedCollections
public import Pipeline
import Rewards
import Transformers

/// How good models are: right answers, instructions followed, wins by a reward model, agreement with preferences, loss on held-out
/// rows; each with its interval, and what was answered to be read.
///
/// What is measured follows from what is given: data under the name of a suite is asked as that suite is published.
public enum EvaluateStage: Stage {
  public typealias Settings = Joined<SamplingSettings, EvaluationOptions>

  public static let kind = "evaluate"
  public static let revision = 4
  public static let inputs =
    [
      InputSlot("models", .model, arity: .list), InputSlot("baseline", .model, arity: .optional),
      InputSlot("reward", .rewardModel, arity: .optional),
      InputSlot("problems", .dataset, arity: .optional),
      InputSlot("prompts", .dataset, .pairs, arity: .optional),
      InputSlot("pairs", .dataset, .pairs, arity: .optional),
      InputSlot("text", .dataset, arity: .optional),
    ]
    + SuiteKind.allCases.filter { $0 != .needle }.map {
      InputSlot($0.rawValue, .dataset, arity: .optional)
    }
  public static let outputs = [OutputSlot("report", .report)]
  public static let usesRanks = true
  public static let nonSemantic = SamplingSettings.nonSemantic
  public static let keyedOnlyIfSet = SamplingSettings.keyedOnlyIfSet

  public static func validate(_ settings: Settings) -> [SettingProblem] {
    settings.base.problems() + settings.own.problems()
  }

  /// The most that any of the models, or the judge, takes; nil where data are not there yet or large.
  public static func estimate(
    _ settings: Settings, _ context: StageContext
  ) throws -> StageEstimate? {
    let models = ["models", "baseline", "reward"]
    let estimate = AskingEstimate(
      context: context, bf16: settings.bf16,
      data: inputs.map(\.name).filter { !models.contains($0) })
    guard estimate.isReadable, let suites = try? EvaluationSuites(settings, context).all else {
      return nil
    }
    let session = TrainingSession(planning: context)
    let asked = (context.inputs("models") + context.inputs("baseline")).map { path in
      estimate.peak(path) {
        let model = try LanguageModel(path: path, compute: session.compute)
        return try suites.map { try $0.demand(of: model, ranks: context.ranks) }
      }
    }
    // How long the answers will be that it judges is not known: its passes are taken to be full.
    let judge = context.optionalInput("reward").map { path in
      estimate.peak(path, head: .score) {
        var load = StepLoad()
        load.rows = SequenceScores(session: session).tokenBudget
        return [.passes(load)]
      }
    }
    return asked.isEmpty ? nil : estimate.estimate(asked + (judge.map { [$0] } ?? []))
  }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let session = try TrainingSession(context, bf16: settings.bf16)
    let paths = context.inputs("models")
    let names = try names(paths, settings)
    let suites = try EvaluationSuites(settings, context).all
    let probe = ModelProbe(session: session, suites: suites)
    var models = try zip(names, paths).map { try probe.answers(of: $1, named: $0) }
    var baseline = try context.optionalInput("baseline").map { path in
      // The same model answers the same.
      guard let index = paths.firstIndex(of: path) else {
        return try probe.answers(of: path, named: "baseline")
      }
      var same = models[index]
      same.name = "baseline"
      return same
    }
    var rewardAccuracy: Estimate?
    if let path = context.optionalInput("reward") {
      let judge = RewardJudge(session: session, suites: suites, path: path)
      models = try models.map { try judge.rewarded($0) }
      baseline = try baseline.map { try judge.rewarded($0) }
      rewardAccuracy = try judge.accuracy()
    }
    let report = EvaluationReport(
      models: models.map { $0.evaluation(suites, baseline: baseline) },
      baseline: baseline?.evaluation(suites, baseline: nil), rewardAccuracy: rewardAccuracy)
    try session.onFirst {
      try publish(report, settings, context)
      try publish((baseline.map { [$0] } ?? []) + models, suites, context)
    }
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

  private static func publish(
    _ report: EvaluationReport, _ settings: Settings, _ context: StageContext
  ) throws {
    let folder = try context.output("report")
    var json = report.json
    json["sampling"] = try settings.base.record()
    try Files.replace("\(folder)/report.json", with: Array((json.serialized(.pretty) + "\n").utf8))
    try Files.replace("\(folder)/report.md", with: Array(report.markdown.utf8))
  }

  /// What was answered, with its verdicts: a line for each model, suite and task.
  private static func publish(
    _ models: [ModelAnswers], _ suites: [any EvaluationSuite], _ context: StageContext
  ) throws {
    let file = "\(try context.output("report"))/generations.jsonl"
    try Files.replace(file, with: [])
    for model in models {
      for (suite, items) in zip(suites, model.items) {
        let lines = items.map { item in
          var json: JSON = ["model": .string(model.name), "suite": .string(suite.name)]
          for (key, value) in item.json.object ?? [:] { json[key] = value }
          return json.serialized(.compact) + "\n"
        }
        try Files.append(Array(lines.joined().utf8), to: file)
      }
    }
  }
}
