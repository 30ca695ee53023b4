/// Learning from pairs: direct preference optimization and its family.
///
/// The mean over the pairs of the global batch of one or several losses, plus, if wished, the likelihood of the chosen
/// completions (`loss_type: [sigmoid, sft]`, the RPO of arXiv:2404.19733): a mean over all chosen tokens of the global batch.
public struct PreferenceObjective: Objective {
  /// A loss and what it counts for.
  public struct Term: Sendable {
    public var loss: any PreferenceLoss
    public var weight: Double

    public init(_ loss: any PreferenceLoss, weight: Double = 1) {
      self.loss = loss
      self.weight = weight
    }
  }

  /// What the reference model makes of a pair: log-probabilities from `summedLogProbability`; nil without a reference.
  public struct Example: Sendable, Equatable {
    public var referenceChosen: Double?
    public var referenceRejected: Double?

    public init(referenceChosen: Double? = nil, referenceRejected: Double? = nil) {
      self.referenceChosen = referenceChosen
      self.referenceRejected = referenceRejected
    }
  }

  public var terms: [Term]
  /// How strongly the policy is held to the reference; rewards are reported in it.
  public var beta: Double
  /// What the mean −log p of the chosen tokens counts for.
  public var likelihoodWeight: Double

  public init(terms: [Term], beta: Double = 0.1, likelihoodWeight: Double = 0) {
    self.terms = terms
    self.beta = beta
    self.likelihoodWeight = likelihoodWeight
  }

  public init(_ loss: any PreferenceLoss, beta: Double = 0.1) {
    self.init(terms: [Term(loss)], beta: beta)
  }

  public func totals(_ example: Example, lengths: [Int]) -> BatchTotals {
    BatchTotals(
      examples: 1, sequences: lengths.count, tokens: lengths.reduce(0, +),
      chosenTokens: lengths.first ?? 0)
  }

  /// `policy` is the chosen completion, then the rejected one.
  public func evaluate(
    _ example: Example, policy: [ArraySlice<Float>], totals: BatchTotals
  ) -> Evaluation {
    precondition(policy.count == 2, "a pair has two sequences, not \(policy.count)")
    let chosen = summedLogProbability(policy[0])
    let rejected = summedLogProbability(policy[1])
    let pair = PreferencePair(
      chosen: chosen - (example.referenceChosen ?? 0),
      rejected: rejected - (example.referenceRejected ?? 0),
      chosenLength: policy[0].count, rejectedLength: policy[1].count)

    let share = reciprocal(totals.examples)
    let likelihoodShare = likelihoodWeight * reciprocal(totals.chosenTokens)
    var sum = PairLoss(loss: 0, chosenSlope: 0, rejectedSlope: 0)
    for term in terms {
      let value = term.loss.evaluate(pair, beta: beta)
      sum.loss += term.weight * value.loss
      sum.chosenSlope += term.weight * value.chosenSlope
      sum.rejectedSlope += term.weight * value.rejectedSlope
    }
    let loss = sum.loss * share - likelihoodShare * chosen
    let slopes = [
      [Float](
        repeating: Float(sum.chosenSlope * share - likelihoodShare), count: policy[0].count),
      [Float](repeating: Float(sum.rejectedSlope * share), count: policy[1].count),
    ]
    var metrics = report(pair, chosen: chosen, rejected: rejected)
    metrics.add("loss", sum: loss, weight: share)
    return Evaluation(loss: loss, slopes: slopes, metrics: metrics)
  }

  /// Under TRL's names; an accuracy counts a pair only if the chosen reward is strictly greater, so it starts at 0.
  private func report(_ pair: PreferencePair, chosen: Double, rejected: Double) -> Metrics {
    var metrics = Metrics()
    metrics.add("rewards/chosen", beta * pair.chosen)
    metrics.add("rewards/rejected", beta * pair.rejected)
    metrics.add("rewards/accuracies", pair.chosen > pair.rejected ? 1 : 0)
    metrics.add("rewards/margins", beta * (pair.chosen - pair.rejected))
    metrics.add("logps/chosen", chosen)
    metrics.add("logps/rejected", rejected)
    return metrics
  }
}
