import Artifacts
import Datasets
import JSON
import Pipeline
import Rewards

/// What a model made of every suite's tasks.
struct ModelAnswers {
  var name: String
  /// By suite, in their order.
  var items: [[SuiteItem]]
}

/// Asks models everything; one is in memory at a time, and none whose answers are all there already.
struct ModelProbe {
  let session: TrainingSession
  let suites: [any EvaluationSuite]

  func answers(of path: String, named name: String) throws -> ModelAnswers {
    session.report(.note(name))
    var loaded: LanguageModel?
    func model() throws -> LanguageModel {
      if let loaded { return loaded }
      let model = try LanguageModel(path: path, compute: session.compute)
      loaded = model
      return model
    }
    var scorer = SuiteScorer(
      communicator: session.communicator, seed: session.context.seed, stream: session.context.stream
    )
    scorer.report = { session.report($0) }
    scorer.checkpoint = { if try session.agreesToStop() { throw Interrupted() } }
    let items = try suites.map { suite in
      var log: SuiteLog? = try session.log("\(name)/\(suite.name)")
      return try scorer.items(of: suite, &log, model: model)
    }
    return ModelAnswers(name: name, items: items)
  }
}

/// Has a reward model judge what models answered.
struct RewardJudge {
  let session: TrainingSession
  let suites: [any EvaluationSuite]
  private let path: String

  init(session: TrainingSession, suites: [any EvaluationSuite], path: String) {
    self.session = session
    self.suites = suites
    self.path = path
  }

  /// The model's items with rewards, where its suites ask for them.
  func rewarded(_ model: ModelAnswers) throws -> ModelAnswers {
    var model = model
    for (index, suite) in suites.enumerated() {
      guard let suite = suite as? ConversationSuite else { continue }
      let rewards = try rewards("\(model.name)/\(suite.name)-rewards") {
        suite.judgements(model.items[index])
      }
      model.items[index] = suite.rewarded(model.items[index], rewards)
    }
    return model
  }

  /// The share of pairs that the reward model itself ranks right; nil without pairs.
  func accuracy() throws -> Estimate? {
    guard let pairs = suites.lazy.compactMap({ $0 as? PairSuite }).first else { return nil }
    let scores = try rewards("reward/pairs") { pairs.judgements }
    let clusters = stride(from: 0, to: scores.count - 1, by: 2).map { index in
      let margin = scores[index] - scores[index + 1]
      return Cluster(id: index, sum: margin > 0 ? 1 : margin == 0 ? 0.5 : 0)
    }
    return clusteredShare(clusters)
  }

  /// Rewards that are written down, or else computed and written down.
  private func rewards(
    _ part: String, of judgements: () -> [(prompt: Prompt, text: String)]
  ) throws -> [Double] {
    var log = try session.log(part)
    if !log.isFinished {
      if try session.agreesToStop() { throw Interrupted() }
      let scores = try RewardModelScorer(path: path, session).scores(of: judgements())
      try log.append(scores.dropFirst(log.lines.count).map { .number($0) })
      try log.finish()
    }
    return log.lines.map { $0.double ?? .nan }
  }
}

extension TrainingSession {
  /// The log of a part of the work, in the folder that outlives an interruption.
  fileprivate func log(_ part: String) throws -> SuiteLog {
    // Models' names are people's own words, and no file names.
    let name = Digest.of(part).short
    return try SuiteLog("\(context.work)/parts/\(name).jsonl", communicator)
  }
}
