import Objectives
import Training
import Transformers

/// Steps of a reward model from pairs, all weights trained.
struct RewardWork: Workload {
  private let options: WorkOptions
  private let learner: Learner
  private let tokens: MadeTokens

  init(_ options: WorkOptions) throws {
    self.options = options
    learner = try Learner(options, head: .score, adapter: false)
    tokens = MadeTokens("reward", vocabulary: learner.transformer.shape.vocabularySize)
  }

  mutating func step(_ index: Int) throws -> Int {
    let pairs = (0..<options.batch).map { pair in
      TrainingExample(
        sequences: (0...1).map { answer in
          TargetSequence(
            prompt: [],
            completion: tokens.row(2 * pair + answer, step: index, count: options.answer))
        }, facts: RewardRankingObjective.Example(margin: 0))
    }
    return try learner.step(pairs, RewardRankingObjective(centering: 0))
  }
}
