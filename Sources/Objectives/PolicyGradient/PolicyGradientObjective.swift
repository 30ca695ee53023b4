import Glibc

/// Learning from rewarded samples: GRPO and its kin.
///
/// A token costs what its `loss` says under ρ = π/old and the advantage A of its completion in its group, plus β times an estimate
/// of the divergence from the reference. The names of settings are TRL's.
public struct PolicyGradientObjective: Objective {
  /// One completion.
  public struct Example: Sendable, Equatable {
    public var advantage: Double
    /// The log-probability of each token when it was sampled; nil says that the policy has not moved since: ρ is exactly 1.
    public var old: [Float]?
    /// The log-probability of each token under the reference; nil if `beta` is 0.
    public var reference: [Float]?
    /// The log-probability of each token that the sampler gave, to be compared with what training makes of it; nothing is learnt
    /// from it.
    public var sampled: [Float]?
    /// Whether it counts; a completion cut at its longest length may be left out (`mask_truncated_completions`).
    public var isLearned: Bool
    /// Which tokens the surrogate is taken of (`top_entropy_quantile`), where it is not all.
    ///
    /// The divergence is of all.
    public var isKept: [Bool]?

    public init(
      advantage: Double, old: [Float]? = nil, reference: [Float]? = nil, sampled: [Float]? = nil,
      isLearned: Bool = true, isKept: [Bool]? = nil
    ) {
      self.advantage = advantage
      self.old = old
      self.reference = reference
      self.sampled = sampled
      self.isLearned = isLearned
      self.isKept = isKept
    }
  }

  public var loss: PolicyGradientLoss
  public var level = ImportanceSamplingLevel.token
  /// ρ counts down to 1 − this, for completions worse than their group.
  public var epsilonLow = 0.2
  /// ρ counts up to 1 + this, for completions better than their group (DAPO: 0.28); `cispo` counts it up to this itself.
  public var epsilonHigh = 0.2
  /// The greatest ρ that counts whatever the advantage, where there is a bound: Light-R1's two-sided clipping.
  public var delta: Double?
  /// The most that a token of a bad completion can cost, in |A|; nil is no bound (verl's `clip_ratio_c`: 3).
  public var dualClip: Double?
  /// The weight of the divergence from the reference (DeepSeekMath 0.04, Light-R1 0.001).
  public var beta = 0.0
  public var divergence = DivergenceEstimate.k3
  /// Whether the divergence is weighted by ρ (`use_bias_correction_kl`; arXiv:2512.02556, section 3.1).
  ///
  /// Without ρ the estimate is of samples that the policy no longer draws, and even on-policy the slope of k1 and k3 is not that of
  /// the divergence. DeepSeekMath and verl leave it out; TRL 1.16 does not.
  public var isDivergenceCorrected = true
  /// The τ of `sapo`.
  public var softGate = (positive: 1.0, negative: 1.05)
  /// The k and λ of `vespo`.
  public var gammaWeights = (
    positive: (power: 2.0, decay: 3.0), negative: (power: 3.0, decay: 2.0)
  )
  /// The longest completion that may be sampled, in tokens: the normaliser of `dr_grpo`.
  public var maximumLength = 512

  public init(_ loss: PolicyGradientLoss = .dapo) {
    self.loss = loss
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
    let ratios = ImportanceRatios(tokens, old: example.old, level: level)
    var tally = Tally(example, ratios, self)
    let costs = costs(example, tokens, ratios, &tally)
    let share =
      example.isLearned
      ? loss.share(length: tokens.count, of: totals, longest: maximumLength) : 0
    let value = costs.reduce(0) { $0 + $1.value } * share
    let slopes = ratios.slopes(
      inLogarithms: costs.map(\.inLogarithm), direct: costs.map(\.direct))
    var metrics = Metrics()
    metrics.add("loss", sum: value, weight: reciprocal(totals.examples))
    if example.isLearned { tally.report(tokens, to: &metrics) }
    return Evaluation(
      loss: value, slopes: [slopes.map { Float($0 * share) }], metrics: metrics)
  }

  private func costs(
    _ example: Example, _ tokens: [Float], _ ratios: ImportanceRatios, _ tally: inout Tally
  ) -> [TokenCost] {
    let surrogate = Surrogate(settings: self, advantage: example.advantage)
    let weight = loss == .vespo ? surrogate.gammaWeight(changes(example, tokens)) : 1
    if loss == .vespo { tally.gammaWeight = weight }
    return tokens.indices.map { index in
      let ratio = exp(ratios.logarithms[index])
      var cost = TokenCost()
      if example.isKept?[index] ?? true {
        switch loss {
        case .grpo, .bnpo, .drGRPO, .dapo, .luspo: cost = surrogate.clipped(ratio)
        case .cispo:
          cost = surrogate.weightedLikelihood(ratio, logProbability: Double(tokens[index]))
        case .sapo: cost = surrogate.gated(ratio)
        case .vespo: cost = surrogate.likelihood(weight, Double(tokens[index]))
        }
      }
      guard beta != 0, let reference = example.reference?[index] else { return cost }
      return cost
        + divergence(Double(tokens[index]) - Double(reference), ratio, &tally)
    }
  }

  /// β times the estimate, weighted by ρ or not.
  private func divergence(
    _ difference: Double, _ ratio: Double, _ tally: inout Tally
  ) -> TokenCost {
    let estimate = divergence.evaluate(difference)
    let weight = isDivergenceCorrected ? ratio : 1
    tally.divergence += weight * estimate.value
    return TokenCost(
      value: beta * weight * estimate.value,
      inLogarithm: isDivergenceCorrected ? beta * weight * estimate.value : 0,
      direct: beta * weight * estimate.slope)
  }

  /// By how much each token's log-probability has moved.
  private func changes(_ example: Example, _ tokens: [Float]) -> [Double] {
    guard let old = example.old else { return [] }
    return zip(tokens, old).map { Double($0) - Double($1) }
  }
}
