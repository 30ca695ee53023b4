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
let quantile = 1.959963984540054

/// The share of successes with Wilson's score interval, which stays within [0, 1] and is honest at 0 of n.
///
/// E. B. Wilson, 1927. Half successes are allowed, for ties.
public func wilsonInterval(successes: Double, of count: Int) -> Estimate {
  guard count > 0 else { return Estimate(mean: .nan, low: 0, high: 1, count: 0) }
  let share = successes / Double(count)
  let interval = wilsonInterval(share: share, of: Double(count))
  return Estimate(mean: share, low: interval.low, high: interval.high, count: count)
}

/// Wilson's bounds of a share seen in so many observations.
func wilsonInterval(share: Double, of n: Double) -> (low: Double, high: Double) {
  let square = quantile * quantile
  let center = (share + square / (2 * n)) / (1 + square / n)
  let spread =
    quantile / (1 + square / n) * (share * (1 - share) / n + square / (4 * n * n)).squareRoot()
  return (max(0, min(share, center - spread)), min(1, max(share, center + spread)))
}

public func wilsonInterval(successes: Int, of count: Int) -> Estimate {
  wilsonInterval(successes: Double(successes), of: count)
}

/// The share of comparisons won, a tie counting half, with Wilson's interval.
public func winRate(wins: Int, ties: Int, losses: Int) -> Estimate {
  wilsonInterval(successes: Double(wins) + 0.5 * Double(ties), of: wins + ties + losses)
}
