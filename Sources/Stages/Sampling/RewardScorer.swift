import Generation
import OrderedCollections
import Pipeline
import Rewards

/// A mixture of rewards, a reward model among them or not, for rows of answers.
struct RewardScorer {
  let session: TrainingSession
  let rewards: [RewardSettings]
  let missingEosPenalty: Double
  let maximumLength: Int
  /// The reward model's path, if there is one.
  let model: String?

  init(_ settings: ScoreSettings, model: String?, _ session: TrainingSession) {
    self.session = session
    rewards = settings.rewards.isEmpty ? [RewardSettings(kind: .model)] : settings.rewards
    missingEosPenalty = settings.missingEosPenalty
    maximumLength = settings.maxCompletionLength
    self.model = model
  }

  /// Gives each answer its rewards and their weighted sum, all ranks working together.
  func score(_ rows: inout [CompletionRow]) throws {
    for reward in rewards {
      if try session.agreesToStop() { throw Interrupted() }
      let values = try values(of: reward, rows)
      var next = 0
      for index in rows.indices {
        let count = rows[index].completions.count
        rows[index].rewards[reward.kind.rawValue] = Array(values[next..<next + count])
        next += count
      }
    }
    for index in rows.indices { addUp(&rows[index]) }
  }

  /// A reward's own score of every answer, in the order of rows.
  private func values(of reward: RewardSettings, _ rows: [CompletionRow]) throws -> [Double] {
    if let rule = reward.rule(maximumLength: maximumLength) {
      return rows.flatMap { row in row.completions.map { rule.score(row.sample($0)) } }
    }
    guard let model else {
      throw BadInput(
        "there is nothing to score with: give a reward model as the input `model`, or rules such as "
          + "`rewards: [{kind: math}]`")
    }
    return try RewardModelScorer(path: model, session).scores(
      of: rows.flatMap { row in row.completions.map { (row.prompt, $0.text) } })
  }

  /// Sets the total scores from the parts.
  private func addUp(_ row: inout CompletionRow) {
    row.scores = row.completions.indices.map { index in
      let sum = rewards.reduce(0.0) { sum, part in
        sum + part.weight * (row.rewards[part.kind.rawValue]?[index] ?? 0)
      }
      return row.completions[index].hasEnded ? sum : sum - missingEosPenalty
    }
  }
}

extension CompletionRow {
  /// An answer as rewards look at it.
  func sample(_ answer: SampledCompletion) -> Sample {
    Sample(
      prompt: prompt.plainText, completion: answer.text, answer: self.answer,
      tokens: answer.completion.tokens.map(Int.init), isTruncated: !answer.hasEnded)
  }
}
