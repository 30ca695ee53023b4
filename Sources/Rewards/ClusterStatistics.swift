import Glibc

/// What was seen of one prompt: a sum over its samples, and over how many observations.
public struct Cluster: Sendable, Equatable {
  /// Which prompt; what is compared between models is compared by it.
  public var id: Int
  public var sum: Double
  /// How many observations: samples, instructions, tokens.
  public var weight: Double

  public init(id: Int, sum: Double, weight: Double = 1) {
    self.id = id
    self.sum = sum
    self.weight = weight
  }

  public init(id: Int, _ values: [Double]) {
    self.init(id: id, sum: values.reduce(0, +), weight: Double(values.count))
  }
}

/// Sums over weights, Σs/Σw, with a cluster-robust normal interval: the mean of samples that come in clusters.
///
/// Answers to one question resemble each other: as if independent, 64 samples of 30 questions would seem eight times as sure as
/// they are. The variance is C/(C−1) · Σ_c (s_c − r·w_c)² / (Σw)² (Liang and Zeger, 1986). One cluster says nothing of the
/// spread between clusters: its interval is infinite.
public func clusteredRatio(_ clusters: [Cluster]) -> Estimate {
  let weight = clusters.reduce(0) { $0 + $1.weight }
  guard weight > 0 else {
    return Estimate(mean: .nan, low: -.infinity, high: .infinity, count: 0)
  }
  let mean = clusters.reduce(0) { $0 + $1.sum } / weight
  let deviation = clusteredVariance(clusters, mean: mean, weight: weight).squareRoot() * quantile
  return Estimate(
    mean: mean, low: mean - deviation, high: mean + deviation, count: Int(weight))
}

/// The mean of samples by cluster, each sample one observation.
public func clusteredMean(_ clusters: [[Double]]) -> Estimate {
  clusteredRatio(clusters.enumerated().map { Cluster(id: $0, $1) }.filter { $0.weight > 0 })
}

/// A share of successes among observations that come in clusters, with Wilson's interval.
///
/// Wilson's formula for as many independent observations as are worth the clusters: p(1 − p) over the cluster-robust variance
/// (Kish's effective size). With one observation a cluster it is Wilson's interval itself; where all succeed or all fail, every
/// cluster counts for one observation, since nothing shows that its samples are independent.
public func clusteredShare(_ clusters: [Cluster]) -> Estimate {
  let weight = clusters.reduce(0) { $0 + $1.weight }
  guard weight > 0 else { return wilsonInterval(successes: 0, of: 0) }
  let share = clusters.reduce(0) { $0 + $1.sum } / weight
  let count = Double(clusters.count)
  var effective = count
  if clusters.contains(where: { $0.weight != 1 }), share > 0, share < 1 {
    let variance = clusteredVariance(clusters, mean: share, weight: weight)
    effective = variance > 0 ? min(weight, max(1, share * (1 - share) / variance)) : weight
  }
  let interval = wilsonInterval(share: min(1, max(0, share)), of: effective)
  return Estimate(mean: share, low: interval.low, high: interval.high, count: Int(weight))
}

/// By how much the first is above the second on the prompts that both have, with a cluster-robust normal interval.
///
/// Prompts differ more than models do: on the same prompts a difference is known far better than the intervals of the two figures
/// suggest. The variance is that of the difference of the two ratios, linearised by prompt.
public func pairedDifference(_ first: [Cluster], _ second: [Cluster]) -> Estimate {
  let others = Dictionary(second.map { ($0.id, $0) }, uniquingKeysWith: { earlier, _ in earlier })
  let pairs = first.compactMap { cluster in others[cluster.id].map { (cluster, $0) } }
  let weights = pairs.reduce((0, 0)) { ($0.0 + $1.0.weight, $0.1 + $1.1.weight) }
  guard weights.0 > 0, weights.1 > 0 else {
    return Estimate(mean: .nan, low: -.infinity, high: .infinity, count: 0)
  }
  let means = (
    pairs.reduce(0) { $0 + $1.0.sum } / weights.0, pairs.reduce(0) { $0 + $1.1.sum } / weights.1
  )
  let influences = pairs.map { pair in
    Cluster(
      id: pair.0.id,
      sum: (pair.0.sum - means.0 * pair.0.weight) / weights.0
        - (pair.1.sum - means.1 * pair.1.weight) / weights.1, weight: 0)
  }
  let mean = means.0 - means.1
  let deviation = clusteredVariance(influences, mean: 0, weight: 1).squareRoot() * quantile
  return Estimate(
    mean: mean, low: mean - deviation, high: mean + deviation, count: pairs.count)
}

private func clusteredVariance(_ clusters: [Cluster], mean: Double, weight: Double) -> Double {
  guard clusters.count > 1 else { return .infinity }
  let squares = clusters.reduce(0) { sum, cluster in
    let off = cluster.sum - mean * cluster.weight
    return sum + off * off
  }
  let count = Double(clusters.count)
  return count / (count - 1) * squares / (weight * weight)
}

/// The chance that at least one of k samples is right, from n samples of which c are: 1 − C(n−c, k) / C(n, k).
///
/// Unbiased, unlike 1 − (1 − c/n)^k (arXiv:2107.03374, section 2.1). Not a number where k is above n.
public func passRate(right: Int, of count: Int, drawing k: Int) -> Double {
  guard k <= count, k > 0 else { return .nan }
  guard count - right >= k else { return 1 }
  // A product, since binomial coefficients overflow.
  var missed = 1.0
  for total in (count - right + 1)..<(count + 1) { missed *= 1 - Double(k) / Double(total) }
  return 1 - missed
}

/// How right the vote of several answers is: 1 or 0, and between where the most frequent answers are tied.
///
/// `votes` holds which answer each sample gave, equal ones by equal numbers; nil is an abstention. `isRight` says it of every
/// sample. Without any vote it is 0.
public func majorityVote(_ votes: [Int?], isRight: [Bool]) -> Double {
  var counts: [(vote: Int, count: Int, isRight: Bool)] = []
  for (vote, isRight) in zip(votes, isRight) {
    guard let vote else { continue }
    if let index = counts.firstIndex(where: { $0.vote == vote }) {
      counts[index].count += 1
    } else {
      counts.append((vote, 1, isRight))
    }
  }
  guard let most = counts.map(\.count).max() else { return 0 }
  let winners = counts.filter { $0.count == most }
  return Double(winners.count(where: \.isRight)) / Double(winners.count)
}

extension Estimate {
  /// e to the mean and to the bounds: of a loss, a perplexity.
  public var exponential: Estimate {
    Estimate(mean: exp(mean), low: exp(low), high: exp(high), count: count)
  }
}
