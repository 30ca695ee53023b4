/// How several scores of one candidate become the one number that a search follows.
public enum ScoreRule: String, Codable, Sendable, CaseIterable {
  case mean
  /// Each first as a share of the way from the worst parent (0) to the best (1); then the mean.
  case normalizedMean = "normalized_mean"
  /// The worst, normalized in the same way.
  case worst

  /// `parents` are the parents' scores, each list in the order of `scores`.
  public func combined(_ scores: [Double], parents: [[Double]]) -> Double {
    guard !scores.isEmpty else { return 0 }
    switch self {
    case .mean: return scores.reduce(0, +) / Double(scores.count)
    case .normalizedMean:
      let all = normalized(scores, parents)
      return all.reduce(0, +) / Double(all.count)
    case .worst: return normalized(scores, parents).min() ?? 0
    }
  }

  private func normalized(_ scores: [Double], _ parents: [[Double]]) -> [Double] {
    scores.indices.map { index in
      let column = parents.map { $0[index] }
      guard let low = column.min(), let high = column.max(), high > low else {
        return scores[index] - (column.first ?? 0)
      }
      return (scores[index] - low) / (high - low)
    }
  }

  /// The candidates that no other is as good as everywhere and better than somewhere, in their order.
  public static func paretoFront(_ scores: [[Double]]) -> [Int] {
    scores.indices.filter { own in
      !scores.indices.contains { other in
        let pairs = zip(scores[other], scores[own])
        return pairs.allSatisfy { $0 >= $1 } && pairs.contains { $0 > $1 }
      }
    }
  }
}
