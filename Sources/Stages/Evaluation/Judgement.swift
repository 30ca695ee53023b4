import Datasets
import Generation
import Rewards

/// Turns what a model said into numbers.
struct Judgement {
  let verifier: any Reward
  /// What the baseline said, if there is one, and its answers' rewards.
  var baseline: ModelAnswers?
  var baselineRewards: [[Double]] = []

  /// What is measured of a model.
  ///
  /// `rewards` holds, by prompt, the reward of each answer; it is empty without a reward model.
  func evaluation(
    _ name: String, _ answers: ModelAnswers, rewards: [[Double]]
  ) -> ModelEvaluation {
    var evaluation = ModelEvaluation(name: name)
    if !answers.problems.isEmpty {
      let right = zip(answers.problems, answers.problemAnswers).map { problem, answers in
        answers.map { verifier.score(sample(problem, $0)) }
      }
      evaluation.accuracy = clusteredMean(right).bounded
      evaluation.anyRight = wilsonInterval(
        successes: right.count { $0.contains { $0 >= 0.5 } }, of: right.count)
    }
    let all = (answers.problemAnswers + answers.promptAnswers).flatMap { $0 }
    if !all.isEmpty {
      evaluation.cutoff = Double(all.count { !$0.hasEnded }) / Double(all.count)
      evaluation.meanTokens = mean(all.map { Double($0.completion.tokens.count) })
    }
    if !rewards.isEmpty {
      evaluation.meanReward = clusteredMean(rewards)
      if !baselineRewards.isEmpty { evaluation.winRate = winRate(rewards) }
    }
    if !answers.pairMargins.isEmpty {
      let reference = baseline?.pairMargins ?? answers.pairMargins.map { _ in 0 }
      evaluation.implicitAccuracy = Judgement.share(
        zip(answers.pairMargins, reference).map { $0 - $1 })
    }
    if !answers.tokenLosses.isEmpty { evaluation.loss = clusteredMean(answers.tokenLosses) }
    return evaluation
  }

  /// The share of numbers above zero, zero counting half.
  static func share(_ margins: [Double]) -> Estimate {
    Rewards.winRate(
      wins: margins.count { $0 > 0 }, ties: margins.count { $0 == 0 },
      losses: margins.count { $0 < 0 })
  }

  /// Sample against sample of the same prompt.
  private func winRate(_ rewards: [[Double]]) -> Estimate {
    let outcomes = zip(rewards, baselineRewards).map { own, other in
      zip(own, other).map { $0 > $1 ? 1 : $0 == $1 ? 0.5 : 0 }
    }
    // Samples of one prompt are not independent; with one each, Wilson's interval is the better.
    guard outcomes.contains(where: { $0.count > 1 }) else {
      return Judgement.share(outcomes.flatMap { $0 }.map { $0 - 0.5 })
    }
    return clusteredMean(outcomes).bounded
  }

  private func sample(_ problem: SamplingPrompt, _ answer: SampledCompletion) -> Sample {
    Sample(
      prompt: problem.prompt.plainText, completion: answer.text, answer: problem.answer,
      tokens: answer.completion.tokens.map(Int.init), isTruncated: !answer.hasEnded)
  }
}

extension Estimate {
  /// For shares: an interval within 0 and 1.
  var bounded: Estimate {
    Estimate(mean: mean, low: max(0, low), high: min(1, high), count: count)
  }
}
