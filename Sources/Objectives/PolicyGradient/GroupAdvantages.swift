/// By what the distance of a reward from its group's mean is divided (`scale_rewards`).
public enum AdvantageScale: String, Sendable, CaseIterable, Codable {
  /// The group's own standard deviation: GRPO.
  case group
  /// The standard deviation of all rewards of the batch (arXiv:2508.08221).
  case batch
  /// Nothing: Dr. GRPO, for which an easy prompt and a hard one weigh the same.
  case none
}

/// From what a reward's distance is taken (`advantage_estimator`).
public enum AdvantageEstimator: String, Sendable, CaseIterable, Codable {
  /// The mean of its group.
  case group
  /// The mean of the others in its group: REINFORCE leave-one-out (arXiv:2402.14740), which is n/(n − 1) times the distance from
  /// the group's.
  case rloo
}

/// In what order several rewards are added up and compared with their groups (`multi_objective_aggregation`).
public enum RewardAggregation: String, Sendable, CaseIterable, Codable {
  case sumThenNormalize = "sum_then_normalize"
  /// Each reward is compared by itself, so that none drowns another; then the sum, over the batch: GDPO (arXiv:2601.05242).
  case normalizeThenSum = "normalize_then_sum"
}

/// How much better each completion is than the others to its prompt: (R − mean) / (s + 10⁻⁴), arXiv:2402.03300, section 4.1.2.
///
/// `rewards` is a row for each prompt. s is the sample standard deviation (over n − 1). Where all rewards of a group are
/// equal, and in a group of one, there is nothing to learn: the advantages are exactly 0.
public func groupAdvantages(
  rewards: [[Double]], scale: AdvantageScale = .group, estimator: AdvantageEstimator = .group
) -> [[Double]] {
  let all = rewards.flatMap(\.self)
  let batchDeviation = scale == .batch ? sampleDeviation(all) : 0
  return rewards.map { group in
    guard hasSignal(group) else { return [Double](repeating: 0, count: group.count) }
    let mean = group.reduce(0, +) / Double(group.count)
    let divisor =
      switch scale {
      case .group: sampleDeviation(group) + 1e-4
      case .batch: batchDeviation + 1e-4
      case .none: 1.0
      }
    switch estimator {
    case .group: return group.map { ($0 - mean) / divisor }
    case .rloo:
      let factor = Double(group.count) / Double(group.count - 1)
      return group.map { factor * ($0 - mean) / divisor }
    }
  }
}

/// Each reward compared with its group by itself, the weighted sum compared with the batch (GDPO).
///
/// `rewards` is a table for each reward: a row for each prompt, all of one shape; `weights` is one for each table.
public func groupAdvantages(each rewards: [[[Double]]], weights: [Double]) -> [[Double]] {
  guard let first = rewards.first else { return [] }
  var sums = first.map { [Double](repeating: 0, count: $0.count) }
  for (table, weight) in zip(rewards, weights) {
    for (row, values) in groupAdvantages(rewards: table).enumerated() {
      for (column, value) in values.enumerated() { sums[row][column] += weight * value }
    }
  }
  let all = sums.flatMap(\.self)
  guard hasSignal(all) else { return sums.map { $0.map { _ in 0 } } }
  let mean = all.reduce(0, +) / Double(all.count)
  let divisor = sampleDeviation(all) + 1e-4
  return sums.map { $0.map { ($0 - mean) / divisor } }
}

/// Whether a group's rewards tell its completions apart.
public func hasSignal(_ rewards: [Double]) -> Bool {
  rewards.contains { $0 != rewards[0] }
}

/// The square root of Σ(x − mean)² / (n − 1); 0 of fewer than two numbers.
public func sampleDeviation(_ values: [Double]) -> Double {
  guard values.count > 1 else { return 0 }
  let mean = values.reduce(0, +) / Double(values.count)
  let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (sum / Double(values.count - 1)).squareRoot()
}
