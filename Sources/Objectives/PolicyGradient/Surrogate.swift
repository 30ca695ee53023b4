import Glibc

/// What a token costs under its ratio ρ and its completion's advantage A.
struct Surrogate {
  let settings: PolicyGradientObjective
  let advantage: Double

  /// −min(ρA, clip(ρ, 1 − ε, 1 + ε′)A), which is flat where it is clipped.
  ///
  /// d(ρA)/d(log ρ) = ρA. Two bounds hold what a bad completion can cost, where a large ρ with A < 0 is not clipped: ρ counts up
  /// to δ (arXiv:2505.07291, section 3.4), and the cost up to c|A| (dual clip, arXiv:1912.09729, equation 5). With δ = c > 1 + ε′
  /// they are the same.
  func clipped(_ ratio: Double) -> TokenCost {
    let bounded = settings.delta.map { min(ratio, $0) } ?? ratio
    let clip = min(max(ratio, 1 - settings.epsilonLow), 1 + settings.epsilonHigh)
    if let limit = settings.dualClip, advantage < 0 {
      let most = -limit * advantage
      if max(-bounded * advantage, -clip * advantage) > most { return TokenCost(value: most) }
    }
    let counted = bounded * advantage <= clip * advantage ? bounded : clip
    return TokenCost(
      value: -counted * advantage, inLogarithm: counted == ratio ? -ratio * advantage : 0)
  }

  /// −min(ρ, ε′) A log π, where ρ is not differentiated: no token is ever without a slope.
  ///
  /// As in TRL, ε′ is the bound itself and not its distance from 1.
  func weightedLikelihood(_ ratio: Double, logProbability: Double) -> TokenCost {
    likelihood(min(ratio, settings.epsilonHigh), logProbability)
  }

  /// −A log π weighted by something that is not differentiated.
  func likelihood(_ weight: Double, _ logProbability: Double) -> TokenCost {
    TokenCost(value: -weight * advantage * logProbability, direct: -weight * advantage)
  }

  /// −(4/τ) σ(τ(ρ − 1)) A, with a τ for each sign of A; its slope at ρ = 1 is −A.
  func gated(_ ratio: Double) -> TokenCost {
    let sharpness =
      advantage > 0 ? settings.softGate.positive : settings.softGate.negative
    let gate = sigmoid(sharpness * (ratio - 1))
    return TokenCost(
      value: -4 / sharpness * gate * advantage,
      inLogarithm: -4 * gate * (1 - gate) * ratio * advantage)
  }

  /// φ(w) = e^λ w^k e^(−λw) of the whole completion's ratio w, 1 where the policy has not moved.
  ///
  /// Logarithms are bounded as in the authors' code: each token's to ±20, their sum to log 10⁻⁸ … 20.
  func gammaWeight(_ logarithms: [Double]) -> Double {
    let curve =
      advantage >= 0 ? settings.gammaWeights.positive : settings.gammaWeights.negative
    let sum = logarithms.reduce(0) { $0 + min(max($1, -20), 20) }
    let bounded = min(max(sum, log(1e-8)), 20)
    let decay = max(curve.decay, 1e-4)
    return exp(decay + curve.power * bounded - decay * exp(bounded))
  }
}
