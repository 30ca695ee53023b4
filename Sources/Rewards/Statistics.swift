/// A number and how far it may be off, at 95 %.
public struct Estimate: Sendable, Equatable {
  public var mean: Double
  public var low: Double
  public var high: Double
  /// How many observations it rests on.
  public var count: Int

  public init(mean: Double, low: Double, high: Double, count: Int) {
    self.mean = mean
    self.low = low
    self.high = high
    self.count = count
  }
}

/// The 97.5 % quantile of the normal distribution.
private let quantile = 1.959963984540054

/// The share of successes with Wilson's score interval, which stays within [0, 1] and is honest at 0 of n.
///
/// E. B. Wilson, 1927. Half successes are allowed, for ties.
public func wilsonInterval(successes: Double, of count: Int) -> Estimate {
  guard count > 0 else { return Estimate(mean: .nan, low: 0, high: 1, count: 0) }
  let n = Double(count)
  let share = successes / n
  let square = quantile * quantile
  let center = (share + square / (2 * n)) / (1 + square / n)
  let spread =
    quantile / (1 + square / n) * (share * (1 - share) / n + square / (4 * n * n)).squareRoot()
  return Estimate(
    mean: share, low: max(0, min(share, center - spread)),
    high: min(1, max(share, center + spread)), count: count)
}

public func wilsonInterval(successes: Int, of count: Int) -> Estimate {
  wilsonInterval(successes: Double(successes), of: count)
}

/// The share of comparisons won, a tie counting half, with Wilson's interval.
public func winRate(wins: Int, ties: Int, losses: Int) -> Estimate {
  wilsonInterval(successes: Double(wins) + 0.5 * Double(ties), of: wins + ties + losses)
}

/// The mean of samples that come in clusters, such as k answers to one question, with a cluster-robust normal interval.
///
/// Answers to one question resemble each other: as if independent, 64 samples of 30 questions would seem eight times as sure as
/// they are. The variance of the mean is C/(C−1) · Σ_c (Σ_{i∈c} (x_i − x̄))² / N² (Liang and Zeger, 1986). One cluster says
/// nothing of the spread between clusters: its interval is infinite.
public func clusteredMean(_ clusters: [[Double]]) -> Estimate {
  let filled = clusters.filter { !$0.isEmpty }
  let count = filled.reduce(0) { $0 + $1.count }
  guard count > 0 else {
    return Estimate(mean: .nan, low: -.infinity, high: .infinity, count: 0)
  }
  let mean = filled.reduce(0) { $0 + $1.reduce(0, +) } / Double(count)
  guard filled.count > 1 else {
    return Estimate(mean: mean, low: -.infinity, high: .infinity, count: count)
  }
  let squares = filled.reduce(0) { sum, cluster in
    let off = cluster.reduce(0) { $0 + ($1 - mean) }
    return sum + off * off
  }
  let clusterCount = Double(filled.count)
  let deviation =
    (clusterCount / (clusterCount - 1) * squares).squareRoot() / Double(count) * quantile
  return Estimate(mean: mean, low: mean - deviation, high: mean + deviation, count: count)
}
