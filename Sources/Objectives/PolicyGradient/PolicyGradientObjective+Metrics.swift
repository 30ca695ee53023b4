import Glibc

extension PolicyGradientObjective {
  /// What is counted over a completion's tokens on the way.
  struct Tally {
    private let example: Example
    private let ratios: ImportanceRatios
    private let settings: PolicyGradientObjective
    var divergence = 0.0
    var gammaWeight = 1.0

    init(_ example: Example, _ ratios: ImportanceRatios, _ settings: PolicyGradientObjective) {
      self.example = example
      self.ratios = ratios
      self.settings = settings
    }

    /// Under TRL's names: means over tokens, extremes over completions.
    func report(_ tokens: [Float], to metrics: inout Metrics) {
      guard !tokens.isEmpty else { return }
      let count = Double(tokens.count)
      if settings.beta != 0 { metrics.add("kl", sum: divergence, weight: count) }
      if settings.loss.isClipped { reportClips(count, to: &metrics) }
      if settings.loss == .cispo {
        let high = share { $0 > settings.epsilonHigh && example.advantage > 0 }
        metrics.add("cispo_clip_ratio", high, weight: weight(count))
      }
      if settings.loss == .vespo { metrics.add("vespo/phi_seq_mean", gammaWeight) }
      if example.old != nil {
        for logarithm in ratios.logarithms {
          metrics.minimum("ratio/min", exp(logarithm))
          metrics.maximum("ratio/max", exp(logarithm))
        }
      }
      if let sampled = example.sampled { reportSampler(tokens, sampled, to: &metrics) }
    }

    private func reportClips(_ count: Double, to metrics: inout Metrics) {
      let low = share { $0 < 1 - settings.epsilonLow && example.advantage < 0 }
      let high = share { $0 > 1 + settings.epsilonHigh && example.advantage > 0 }
      metrics.add("clip_ratio/low_mean", low, weight: weight(count))
      metrics.minimum("clip_ratio/low_min", low)
      metrics.add("clip_ratio/high_mean", high, weight: weight(count))
      metrics.maximum("clip_ratio/high_max", high)
      metrics.add("clip_ratio/region_mean", low + high, weight: weight(count))
    }

    /// A completion with one ratio for all its tokens counts once.
    private func weight(_ count: Double) -> Double { settings.level == .token ? count : 1 }

    /// The share of tokens whose ratio is such.
    private func share(_ isSuch: (Double) -> Bool) -> Double {
      let count = ratios.logarithms.count { isSuch(exp($0)) }
      return Double(count) / Double(max(1, ratios.logarithms.count))
    }

    /// How far training's log-probabilities are from the sampler's, where the policy has not moved: kernels round differently.
    private func reportSampler(_ tokens: [Float], _ sampled: [Float], to metrics: inout Metrics) {
      let base = example.old ?? tokens
      guard sampled.count == base.count else { return }
      for (one, other) in zip(base, sampled) {
        let difference = abs(Double(one) - Double(other))
        metrics.add("sampling/sampling_logp_difference/mean", difference)
        metrics.maximum("sampling/sampling_logp_difference/max", difference)
      }
    }
  }
}
