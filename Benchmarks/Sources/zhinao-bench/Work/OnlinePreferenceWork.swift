import Transformers

/// Two answers to each prompt, the better one chosen by a reward, and a step of DPO on the pairs.
struct OnlinePreferenceWork: Workload {
  private let options: WorkOptions
  private let learner: Learner
  private let policy: Policy
  private let tokens: MadeTokens
  private var clock = PartClock()

  init(_ options: WorkOptions) throws {
    self.options = options
    learner = try Learner(options, adapter: !options.full)
    policy = Policy(learner.transformer, answer: options.answer)
    tokens = MadeTokens("online-dpo", vocabulary: learner.transformer.shape.vocabularySize)
  }

  var parts: [String: Double] { clock.seconds }

  mutating func step(_ index: Int) throws -> Int {
    let prompts = (0..<options.batch).map {
      tokens.row($0, step: index, count: options.prompt)
    }
    let answers = try clock.time("sampling") {
      try policy.answers(to: prompts, samples: 2, step: index)
    }
    let pairs = prompts.indices.map { prompt in
      [answers[2 * prompt], answers[2 * prompt + 1]]
        .sorted { checksumReward($0) > checksumReward($1) }
        .map { TargetSequence(prompt: prompts[prompt], completion: $0) }
    }
    _ = try learner.stepOnPairs(pairs, &clock)
    return answers.reduce(0) { $0 + $1.count }
  }
}
