import OrderedCollections
import Pipeline

/// A mixture of rewards, a reward model among them or not, for rows of answers.
struct RewardScorer {
  let session: TrainingSession
  let rewards: [RewardSettings]
  let missingEosPenalty: Double
  let maximumLength: Int
  /// The paths of the reward model and of the program's file, if there are any.
  let model: String?
  let program: String?
  /// What the reward model's input is called, for messages.
  let slot: String

  init(
    _ settings: ScoreSettings, model: String?, program: String? = nil, slot: String = "model",
    _ session: TrainingSession
  ) {
    self.slot = slot
    self.session = session
    rewards = settings.rewards.isEmpty ? [RewardSettings(kind: .model)] : settings.rewards
    missingEosPenalty = settings.missingEosPenalty
    maximumLength = settings.maxCompletionLength
    self.model = model
    self.program = program
  }

  /// Gives each answer its rewards and their weighted sum, all ranks working together.
  func score(_ rows: inout [CompletionRow]) throws {
    let scorer = try AnswerScorer(
      rewards, maximumLength: maximumLength, model: model, program: program, slot: slot, session)
    let answers = rows.flatMap { row in row.completions.map { row.rewarded($0) } }
    let scores = try scorer.scores(of: answers, mayStop: true)
    for (title, values) in zip(scorer.titles, scores) {
      var next = 0
      for index in rows.indices {
        let count = rows[index].completions.count
        rows[index].rewards[title] = Array(values[next..<next + count])
        next += count
      }
    }
    for index in rows.indices { addUp(&rows[index]) }
  }

  /// Sets the total scores from the parts.
  private func addUp(_ row: inout CompletionRow) {
    row.scores = row.completions.indices.map { index in
      let sum = rewards.reduce(0.0) { sum, part in
        sum + part.weight * (row.rewards[part.title]?[index] ?? 0)
      }
      return row.completions[index].hasEnded ? sum : sum - missingEosPenalty
    }
  }
}

extension CompletionRow {
  /// An answer as rewards look at it.
  func rewarded(_ completion: SampledCompletion) -> RewardedAnswer {
    RewardedAnswer(row: row, prompt: prompt, answer: answer, completion: completion)
  }
}
