/// Learning a reward from pairs: Bradley–Terry (arXiv:2203.02155, equation 1), with a margin (arXiv:2307.09288, equation 2)
/// and rewards drawn towards zero (arXiv:2312.09244, section 2).
///
/// The mean over the pairs of the global batch of −log σ(c − r − m) + κ(c + r)².
public struct RewardRankingObjective: Objective {
  /// By how much the chosen completion should win.
  public struct Example: Sendable, Equatable {
    public var margin: Double

    public init(margin: Double = 0) {
      self.margin = margin
    }
  }

  /// κ (`center_rewards_coefficient`): 0.01 keeps rewards of different prompts comparable; 0 leaves their origin free.
  public var centering: Double

  public init(centering: Double = 0) {
    self.centering = centering
  }

  public func totals(_ example: Example, lengths: [Int]) -> BatchTotals {
    BatchTotals(examples: 1, sequences: lengths.count, tokens: lengths.reduce(0, +))
  }

  /// `policy` is the chosen completion's score, then the rejected one's.
  public func evaluate(
    _ example: Example, policy: [ArraySlice<Float>], totals: BatchTotals
  ) -> Evaluation {
    precondition(
      policy.count == 2 && policy.allSatisfy { $0.count == 1 },
      "a pair has two scores, not \(policy.map(\.count))")
    let chosen = Double(policy[0][policy[0].startIndex])
    let rejected = Double(policy[1][policy[1].startIndex])
    let lead = chosen - rejected - example.margin
    let sum = chosen + rejected

    let share = reciprocal(totals.examples)
    let loss = (-logSigmoid(lead) + centering * sum * sum) * share
    let pull = -sigmoid(-lead) * share
    let center = 2 * centering * sum * share
    var metrics = Metrics()
    metrics.add("loss", sum: loss, weight: share)
    metrics.add("accuracy", chosen > rejected ? 1 : 0)
    metrics.add("margin", chosen - rejected)
    metrics.minimum("min_reward", min(chosen, rejected))
    metrics.add("mean_reward", sum: sum, weight: 2)
    metrics.maximum("max_reward", max(chosen, rejected))
    return Evaluation(
      loss: loss, slopes: [[Float(pull + center)], [Float(center - pull)]], metrics: metrics)
  }
}
