import Glibc

/// Learning from rewarded samples: GRPO and its kin.
///
/// GRPO is arXiv:2402.03300, DAPO arXiv:2503.14476, Dr. GRPO arXiv:2503.20783. A token costs −min(ρA, clip(ρ, 1−ε, 1+ε′)A) + βρ(e^(ref−π) − (ref−π) − 1), where ρ = π/old and A is the advantage of
/// its completion in its group. The last term is Schulman's k3 estimate of the divergence from the reference.
public struct PolicyGradientObjective: Objective {
  /// Over what the tokens' costs are averaged; always over the global batch, as no other mean survives its division.
  public enum Aggregation: String, Sendable, CaseIterable, Codable {
    /// The mean over completions of each one's mean over tokens: DeepSeekMath's, which favours brevity when right.
    case completions = "grpo"
    /// The mean over all tokens, which TRL takes over a process's micro-batch: here the same as `dapo`.
    case batchTokens = "bnpo"
    /// The sum over tokens by completions × the longest completion allowed: no bias by length.
    case longest = "dr_grpo"
    /// The mean over all tokens of the global batch.
    case tokens = "dapo"
  }

  /// One completion.
  public struct Example: Sendable, Equatable {
    public var advantage: Double
    /// The log-probability of each token when it was sampled; nil says that the policy has not moved since: ρ is exactly 1.
    public var old: [Float]?
    /// The log-probability of each token under the reference; nil if `beta` is 0.
    public var reference: [Float]?
    /// Whether it counts; a completion cut at its longest length may be left out (`mask_truncated_completions`).
    public var isLearned: Bool

    public init(
      advantage: Double, old: [Float]? = nil, reference: [Float]? = nil, isLearned: Bool = true
    ) {
      self.advantage = advantage
      self.old = old
      self.reference = reference
      self.isLearned = isLearned
    }
  }

  /// ρ counts down to 1 − this, for completions worse than their group.
  public var epsilonLow: Double
  /// ρ counts up to 1 + this, for completions better than their group (DAPO: 0.28).
  public var epsilonHigh: Double
  /// The greatest ρ that counts whatever the advantage; nil is no bound.
  ///
  /// Bounds what a bad completion can cost: arXiv:2505.07291, section 3.4, and Light-R1's two-sided clipping.
  public var delta: Double?
  /// The weight of the divergence from the reference (DeepSeekMath 0.04, Light-R1 0.001).
  public var beta: Double
  /// Whether the divergence is weighted by ρ (`use_bias_correction_kl`; arXiv:2512.02556, section 3.1).
  ///
  /// Without ρ the estimate is of samples that the policy no longer draws, and even on-policy its slope is not that of the
  /// divergence. DeepSeekMath and verl leave it out; TRL 1.16 does not.
  public var isDivergenceCorrected: Bool
  public var aggregation: Aggregation
  /// The longest completion that may be sampled, in tokens: the normaliser of `dr_grpo`.
  public var maximumLength: Int

  public init(
    epsilonLow: Double = 0.2, epsilonHigh: Double = 0.2, delta: Double? = nil, beta: Double = 0,
    isDivergenceCorrected: Bool = true, aggregation: Aggregation = .tokens,
    maximumLength: Int = 512
  ) {
    self.epsilonLow = epsilonLow
    self.epsilonHigh = epsilonHigh
    self.delta = delta
    self.beta = beta
    self.isDivergenceCorrected = isDivergenceCorrected
    self.aggregation = aggregation
    self.maximumLength = maximumLength
  }

  public func totals(_ example: Example, lengths: [Int]) -> BatchTotals {
    BatchTotals(
      examples: 1, sequences: lengths.count,
      tokens: example.isLearned ? lengths.reduce(0, +) : 0)
  }

  public func evaluate(
    _ example: Example, policy: [ArraySlice<Float>], totals: BatchTotals
  ) -> Evaluation {
    precondition(policy.count == 1, "one completion at a time, not \(policy.count)")
    precondition(
      beta == 0 || example.reference != nil, "beta is \(beta), and there is no reference")
    let tokens = [Float](policy[0])
    for given in [example.old, example.reference] where given != nil {
      precondition(
        given?.count == tokens.count,
        "\(given?.count ?? 0) log-probabilities for \(tokens.count) tokens")
    }

    let weight = example.isLearned ? share(length: tokens.count, of: totals) : 0
    var sum = 0.0
    var counts = Counts()
    var slopes: [Float] = []
    slopes.reserveCapacity(tokens.count)
    for (index, token) in tokens.enumerated() {
      let ratio = example.old.map { exp(Double(token) - Double($0[index])) } ?? 1
      var cost = surrogate(ratio, advantage: example.advantage, counts: &counts)
      if beta != 0, let reference = example.reference?[index] {
        let divergence = divergence(Double(reference) - Double(token), ratio: ratio)
        counts.divergence += divergence.value
        cost.value += beta * divergence.value
        cost.slope += beta * divergence.slope
      }
      sum += cost.value
      slopes.append(Float(cost.slope * weight))
    }
    var metrics = Metrics()
    metrics.add("loss", sum: sum * weight, weight: reciprocal(totals.examples))
    if example.isLearned { report(counts, length: tokens.count, to: &metrics) }
    return Evaluation(loss: sum * weight, slopes: [slopes], metrics: metrics)
  }

  /// What one token of a completion counts for in the batch.
  private func share(length: Int, of totals: BatchTotals) -> Double {
    switch aggregation {
    case .completions: reciprocal(totals.sequences) * reciprocal(length)
    case .tokens, .batchTokens: reciprocal(totals.tokens)
    case .longest: reciprocal(totals.sequences) * reciprocal(maximumLength)
    }
  }

  /// The clipped surrogate of one token and its slope in the token's log-probability: d(ρA)/d(log π) = ρA.
  private func surrogate(
    _ ratio: Double, advantage: Double, counts: inout Counts
  ) -> (value: Double, slope: Double) {
    let bounded = delta.map { min(ratio, $0) } ?? ratio
    let clipped = min(max(ratio, 1 - epsilonLow), 1 + epsilonHigh)
    if ratio < 1 - epsilonLow, advantage < 0 { counts.low += 1 }
    if ratio > 1 + epsilonHigh, advantage > 0 { counts.high += 1 }
    guard bounded * advantage <= clipped * advantage else { return (-clipped * advantage, 0) }
    return (-bounded * advantage, bounded == ratio ? -ratio * advantage : 0)
  }

  /// The estimate e^d − d − 1 at d = ref − π, weighted or not, and its slope in the token's log-probability.
  private func divergence(
    _ difference: Double, ratio: Double
  ) -> (value: Double, slope: Double) {
    let likelihood = exp(difference)
    let value = likelihood - difference - 1
    guard isDivergenceCorrected else { return (value, 1 - likelihood) }
    return (ratio * value, ratio * (1 - likelihood + value))
  }

  private struct Counts {
    var low = 0.0
    var high = 0.0
    var divergence = 0.0
  }

  /// Under TRL's names: means over tokens, extremes over completions.
  private func report(_ counts: Counts, length: Int, to metrics: inout Metrics) {
    guard length > 0 else { return }
    let tokens = Double(length)
    if beta != 0 { metrics.add("kl", sum: counts.divergence, weight: tokens) }
    metrics.add("clip_ratio/low_mean", sum: counts.low, weight: tokens)
    metrics.minimum("clip_ratio/low_min", counts.low / tokens)
    metrics.add("clip_ratio/high_mean", sum: counts.high, weight: tokens)
    metrics.maximum("clip_ratio/high_max", counts.high / tokens)
    metrics.add("clip_ratio/region_mean", sum: counts.low + counts.high, weight: tokens)
  }
}
