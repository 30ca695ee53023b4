import Collectives
import Generation
import Pipeline
import Rewards

/// What answers earn by each reward of a recipe: rules, a reward model, programs.
final class AnswerScorer {
  private let session: TrainingSession
  private let parts: [Part]
  let titles: [String]
  let weights: [Double]

  private enum Part {
    case rule(any Reward)
    case model(RewardModelScorer)
    case program(RewardProgram)
  }

  /// `model` and `program` are the paths of the inputs of these roles, where the stage has them.
  ///
  /// - Throws: `BadInput` for a reward whose input is not there.
  init(
    _ rewards: [RewardSettings], maximumLength: Int, model: String?, program: String?,
    slot: String, _ session: TrainingSession
  ) throws {
    self.session = session
    titles = rewards.map(\.title)
    weights = rewards.map(\.weight)
    parts = try rewards.map { reward in
      if let rule = reward.rule(maximumLength: maximumLength) { return .rule(rule) }
      if reward.kind == .program {
        return .program(
          try RewardProgram(reward, program: program, directory: session.context.directory))
      }
      guard let model else {
        throw BadInput(
          "there is nothing to score with: give a reward model as the input `\(slot)`, or rules such "
            + "as `rewards: [{kind: math}]`")
      }
      return .model(
        try RewardModelScorer(
          path: model, session, isNormalized: reward.normalizeReward ?? false))
    }
  }

  /// For each reward the score of each answer, before weighting, the same on every rank.
  ///
  /// - Throws: `Interrupted` between rewards, where the work `mayStop` there.
  func scores(of answers: [RewardedAnswer], mayStop: Bool = false) throws -> [[Double]] {
    try parts.map { part in
      if mayStop, try session.agreesToStop() { throw Interrupted() }
      switch part {
      case .rule(let rule): return answers.map { rule.score($0.sample) }
      case .model(let scorer):
        return try scorer.scores(of: answers.map { ($0.prompt, $0.completion.text) })
      case .program(let program):
        // One process hears of all answers in their order, however many ranks there are.
        var scores: [Double] = []
        try session.onFirst { scores = try program.scores(of: answers) }
        return try session.communicator.allGather(doubles: scores)[0]
      }
    }
  }

  /// The weighted sum of an answer's scores, in the order of rewards.
  func total(_ scores: [Double]) -> Double {
    zip(weights, scores).reduce(0) { $0 + $1.0 * $1.1 }
  }
}

extension RewardedAnswer {
  /// As rules look at it.
  var sample: Sample {
    Sample(
      prompt: prompt.plainText, completion: completion.text, answer: answer,
      tokens: completion.completion.tokens.map(Int.init), isTruncated: !completion.hasEnded)
  }
}
