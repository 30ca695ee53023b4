import Glibc

/// Whose probability is compared with what it was when the completion was sampled (TRL's `importance_sampling_level`).
public enum ImportanceSamplingLevel: String, Sendable, CaseIterable, Codable {
  /// Each token's: ρ_t = π_t / old_t.
  case token
  /// The completion's, per token in the geometric mean: ρ = exp(mean_t(log π_t − log old_t)), GSPO (arXiv:2507.18071, equation 7).
  case sequence
  /// The same number for all tokens, but each one's slope its own: GSPO-token (equation 13).
  case sequenceToken = "sequence_token"
}

/// The logarithm of the ratio that each token of a completion is weighted by.
struct ImportanceRatios {
  let level: ImportanceSamplingLevel
  /// One for each token.
  let logarithms: [Double]

  /// `old` is what the tokens' log-probabilities were; nil says that the policy has not moved since: every ratio is exactly 1.
  init(_ policy: [Float], old: [Float]?, level: ImportanceSamplingLevel) {
    self.level = level
    guard let old else {
      logarithms = [Double](repeating: 0, count: policy.count)
      return
    }
    let changes = zip(policy, old).map { Double($0) - Double($1) }
    switch level {
    case .token: logarithms = changes
    case .sequence, .sequenceToken:
      let mean = changes.reduce(0, +) / Double(max(1, changes.count))
      logarithms = [Double](repeating: mean, count: changes.count)
    }
  }

  /// The loss's slope in each token's log-probability, from its slope in each logarithm here and in each log-probability itself.
  func slopes(inLogarithms: [Double], direct: [Double]) -> [Double] {
    guard level == .sequence, !direct.isEmpty else {
      return zip(inLogarithms, direct).map(+)
    }
    // One number shared by all: each token moves all costs, by its part of the mean.
    let shared = inLogarithms.reduce(0, +) / Double(direct.count)
    return direct.map { $0 + shared }
  }
}

/// A token's cost, and the two ways in which its log-probability moves it.
struct TokenCost {
  var value = 0.0
  /// The slope in the logarithm of its ratio.
  var inLogarithm = 0.0
  /// The slope in its log-probability where the ratio is held.
  var direct = 0.0

  static func + (left: Self, right: Self) -> Self {
    Self(
      value: left.value + right.value, inLogarithm: left.inLogarithm + right.inLogarithm,
      direct: left.direct + right.direct)
  }
}
