import Glibc

/// Learning from pairs: direct preference optimization and its family.
///
/// The weighted sum of one or several losses, each the mean over the pairs of the global batch; a likelihood of chosen
/// completions among them (`loss_type: [sigmoid, sft]`, the RPO of arXiv:2404.19733) is a mean over all chosen tokens of the
/// global batch.
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

  /// What the reference model makes of a pair, from `example(reference:)`; nil without a reference.
  public struct Example: Sendable, Equatable {
    public var referenceChosen: Double?
    public var referenceRejected: Double?
    /// What the survey found.
    public var standing = PairStanding()

    public init(referenceChosen: Double? = nil, referenceRejected: Double? = nil) {
      self.referenceChosen = referenceChosen
      self.referenceRejected = referenceRejected
    }
  }

  public var terms: [Term]
  /// How strongly the policy is held to the reference; rewards are reported in it.
  public var beta: Double
  /// What the mean −log p of the chosen tokens counts for beside what the terms say of it.
  public var likelihoodWeight: Double
  public var divergence = PolicyDivergence.reverse
  /// α of the alpha-divergence.
  public var divergenceAlpha = 0.5
  /// What the log-probability of a token behind the shorter completion's length counts for; nil is 1.
  ///
  /// LD-DPO (arXiv:2409.06411, equation 9): below 1 it takes the longer completion's advantage of length away.
  public var excessWeight: Double?
  /// Whether pairs are weighted by how likely the policy is to have written them (WPO, arXiv:2406.11827, equation 2).
  public var isWeighted = false

  public init(terms: [Term], beta: Double = 0.1, likelihoodWeight: Double = 0) {
    self.terms = terms
    self.beta = beta
    self.likelihoodWeight = likelihoodWeight
  }

  public init(_ loss: any PreferenceLoss, beta: Double = 0.1) {
    self.init(terms: [Term(loss)], beta: beta)
  }

  /// Whether any term looks at the reference.
  public var usesReference: Bool { terms.contains { type(of: $0.loss).usesReference } }

  /// The facts of a pair, given the reference's log-probability of each token of both completions.
  public func example(reference: [ArraySlice<Float>]) -> Example {
    precondition(reference.count == 2, "a pair has two sequences, not \(reference.count)")
    let shared = min(reference[0].count, reference[1].count)
    return Example(
      referenceChosen: sum(reference[0], shared: shared),
      referenceRejected: sum(reference[1], shared: shared))
  }

  /// log p of a completion, the tokens behind the `shared` first ones weighted.
  private func sum(_ tokens: ArraySlice<Float>, shared: Int) -> Double {
    guard let excessWeight, tokens.count > shared else { return summedLogProbability(tokens) }
    return summedLogProbability(tokens.prefix(shared)) + excessWeight
      * summedLogProbability(tokens.dropFirst(shared))
  }

  /// What the losses are told of a pair, before any divergence.
  func pair(_ example: Example, _ policy: [ArraySlice<Float>]) -> PreferencePair {
    precondition(policy.count == 2, "a pair has two sequences, not \(policy.count)")
    let shared = min(policy[0].count, policy[1].count)
    let chosen = sum(policy[0], shared: shared)
    let rejected = sum(policy[1], shared: shared)
    return PreferencePair(
      chosen: chosen - (example.referenceChosen ?? 0),
      rejected: rejected - (example.referenceRejected ?? 0),
      chosenLength: policy[0].count, rejectedLength: policy[1].count, policyChosen: chosen,
      policyRejected: rejected, standing: example.standing)
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
    let pair = pair(example, policy)
    let share = reciprocal(totals.examples)
    let likelihood = terms.reduce(likelihoodWeight) { $0 + $1.weight * $1.loss.likelihoodWeight }
    let likelihoodShare = likelihood * reciprocal(totals.chosenTokens)
    let sum = combined(pair)
    let chosenTokens = likelihood == 0 ? 0 : summedLogProbability(policy[0])
    let loss = sum.loss * share - likelihoodShare * chosenTokens
    let slopes = [
      slopes(sum.chosenSlope * share, -likelihoodShare, policy[0].count, policy[1].count),
      slopes(sum.rejectedSlope * share, 0, policy[1].count, policy[0].count),
    ]
    var metrics = report(pair)
    metrics.add("loss", sum: loss, weight: share)
    if likelihood != 0 {
      metrics.add("nll_loss", sum: -chosenTokens, weight: Double(policy[0].count))
    }
    return Evaluation(loss: loss, slopes: slopes, metrics: metrics)
  }

  /// The terms' weighted sum for one pair, and its slopes in log π of the two completions.
  private func combined(_ pair: PreferencePair) -> PairLoss {
    var scored = pair
    let chosen = divergence.score(pair.chosen, alpha: divergenceAlpha)
    let rejected = divergence.score(pair.rejected, alpha: divergenceAlpha)
    scored.chosen = chosen.value
    scored.rejected = rejected.value
    var sum = PairLoss(loss: 0, chosenSlope: 0, rejectedSlope: 0)
    for term in terms {
      let isScored = type(of: term.loss).comparesScores
      let value = term.loss.evaluate(isScored ? scored : pair, beta: beta)
      let weight = term.weight * pair.standing.weight
      sum.loss += weight * value.loss
      sum.chosenSlope += weight * value.chosenSlope * (isScored ? chosen.slope : 1)
      sum.rejectedSlope += weight * value.rejectedSlope * (isScored ? rejected.slope : 1)
    }
    return sum
  }

  /// The slope at each of `count` tokens, of which those behind the other completion's length may count less.
  private func slopes(_ slope: Double, _ rest: Double, _ count: Int, _ other: Int) -> [Float] {
    guard let excessWeight, count > other else {
      return [Float](repeating: Float(slope + rest), count: count)
    }
    return [Float](repeating: Float(slope + rest), count: other)
      + [Float](repeating: Float(excessWeight * slope + rest), count: count - other)
  }

  /// Under TRL's names; an accuracy counts a pair only if the chosen reward is strictly greater, so it starts at 0.
  private func report(_ pair: PreferencePair) -> Metrics {
    let plain = (chosen: beta * pair.chosen, rejected: beta * pair.rejected)
    let rewards = terms.first?.loss.rewards(pair, beta: beta) ?? plain
    var metrics = Metrics()
    metrics.add("rewards/chosen", rewards.chosen)
    metrics.add("rewards/rejected", rewards.rejected)
    metrics.add("rewards/accuracies", rewards.chosen > rewards.rejected ? 1 : 0)
    metrics.add("rewards/margins", rewards.chosen - rewards.rejected)
    metrics.add("logps/chosen", pair.policyChosen)
    metrics.add("logps/rejected", pair.policyRejected)
    if isWeighted { metrics.add("wpo_weight", pair.standing.weight) }
    return metrics
  }
}
