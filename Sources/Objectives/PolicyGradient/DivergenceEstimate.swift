import Glibc

/// An estimate of KL(π ‖ ref) from one sampled token, with u = log π − log ref.
///
/// After John Schulman, "Approximating KL divergence", 2020.
public enum DivergenceEstimate: String, Sendable, CaseIterable, Codable {
  /// u: unbiased, of either sign. Weighted by ρ its slope is that of the divergence; unweighted its slope teaches nothing on average.
  case k1
  /// u²/2: biased, of low variance; its slope, u for each token, is that of the divergence on-policy.
  case k2
  /// e^(−u) + u − 1: unbiased and never negative. GRPO's, verl's `low_var_kl`.
  case k3

  /// The estimate and its slope in log π.
  func evaluate(_ difference: Double) -> (value: Double, slope: Double) {
    switch self {
    case .k1: return (difference, 1)
    case .k2: return (difference * difference / 2, difference)
    case .k3:
      let likelihood = exp(-difference)
      return (likelihood + difference - 1, 1 - likelihood)
    }
  }
}
