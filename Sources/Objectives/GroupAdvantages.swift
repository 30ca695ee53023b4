/// By what the distance of a reward from its group's mean is divided (`scale_rewards`).
public enum AdvantageScale: String, Sendable, CaseIterable, Codable {
  /// The group's own standard deviation: GRPO.
  case group
  /// The standard deviation of all rewards of the batch (arXiv:2508.08221).
  case batch
  /// Nothing: Dr. GRPO, for which an easy prompt and a hard one weigh the same.
  case none
}

/// How much better each completion is than the others to its prompt: (R − mean) / (s + 10⁻⁴), arXiv:2402.03300, section 4.1.2.
///
/// `rewards` is a row for each prompt. s is the sample standard deviation (over n − 1). Where all rewards of a group are
/// equal, and in a group of one, there is nothing to learn: the advantages are exactly 0.
public func groupAdvantages(
  rewards: [[Double]], scale: AdvantageScale = .group
) -> [[Double]] {
  let all = rewards.flatMap(\.self)
  let batchDeviation = scale == .batch ? sampleDeviation(all) : 0
  return rewards.map { group in
    guard let first = group.first, group.contains(where: { $0 != first }) else {
      return [Double](repeating: 0, count: group.count)
    }
    let mean = group.reduce(0, +) / Double(group.count)
    let divisor =
      switch scale {
      case .group: sampleDeviation(group) + 1e-4
      case .batch: batchDeviation + 1e-4
      case .none: 1.0
      }
    return group.map { ($0 - mean) / divisor }
  }
}

/// The square root of Σ(x − mean)² / (n − 1); 0 of fewer than two numbers.
public func sampleDeviation(_ values: [Double]) -> Double {
  guard values.count > 1 else { return 0 }
  let mean = values.reduce(0, +) / Double(values.count)
  let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (sum / Double(values.count - 1)).squareRoot()
}
