import Glibc

/// The divergence that holds the policy to its reference (f-DPO, arXiv:2309.16240, table 1): `f_divergence_type`.
///
/// The implicit reward of an answer is f′ at the ratio π/ref; for the reverse Kullback–Leibler divergence, DPO's own, that is
/// the log-ratio r itself up to a constant.
public enum PolicyDivergence: String, Sendable, CaseIterable, Codable {
  case reverse = "reverse_kl"
  /// 1 − e⁻ʳ.
  case forward = "forward_kl"
  /// ln 2 + log σ(r).
  case jensenShannon = "js_divergence"
  /// (e^((α−1)r) − 1) / (α − 1); r itself at α = 1.
  case alpha = "alpha_divergence"

  /// Exponents end here, as in TRL for float32: beyond it a score is constant and its slope nothing.
  private static let largestExponent = 80.0

  /// The score of a log-ratio, and its slope in it.
  func score(_ ratio: Double, alpha: Double) -> (value: Double, slope: Double) {
    switch self {
    case .reverse: return (ratio, 1)
    case .forward: return power(ratio, order: -1)
    case .jensenShannon: return (0.6931471805599453 + logSigmoid(ratio), sigmoid(-ratio))
    case .alpha:
      guard abs(alpha - 1) >= 1e-6 else { return (ratio, 1) }
      return power(ratio, order: alpha - 1)
    }
  }

  /// (e^(order·r) − 1) / order: the forward divergence is that of order −1.
  private func power(_ ratio: Double, order: Double) -> (value: Double, slope: Double) {
    let exponent = order * ratio
    guard exponent <= Self.largestExponent else {
      return (expm1(Self.largestExponent) / order, 0)
    }
    return (expm1(exponent) / order, exp(exponent))
  }
}
