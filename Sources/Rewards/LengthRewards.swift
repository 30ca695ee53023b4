import Glibc

/// Soft overlong punishment (DAPO, arXiv:2503.14476, equation 13).
///
/// 0 up to `maximumLength` − `cache` tokens, then down a straight line to −1 at `maximumLength`, and −1 beyond.
public struct LengthReward: Reward {
  public let name = "soft_overlong"
  /// In tokens.
  public var maximumLength: Int
  /// Over how many tokens the punishment grows.
  public var cache: Int

  public init(maximumLength: Int, cache: Int) {
    self.maximumLength = maximumLength
    self.cache = cache
  }

  public func score(_ sample: Sample) -> Double {
    let length = sample.tokens.count
    let free = maximumLength - cache
    if length <= free { return 0 }
    if length > maximumLength { return -1 }
    return Double(free - length) / Double(cache)
  }
}

/// The share of n-grams that were there before, times a penalty that is not positive.
///
/// After arXiv:2502.03373, section 4.3, and TRL's `get_repetition_penalty_reward`.
public struct RepetitionReward: Reward {
  public let name = "repetition"
  /// Tokens in an n-gram.
  public var size: Int
  /// What a completion of nothing but repetition would get.
  public var penalty: Double

  public init(size: Int, penalty: Double = -1) {
    self.size = max(1, size)
    self.penalty = min(0, penalty)
  }

  public func score(_ sample: Sample) -> Double {
    let tokens = sample.tokens
    let total = tokens.count - size + 1
    guard total > 0 else { return 0 }
    // Only the count of the set is used, never its order.
    var distinct: Set<ArraySlice<Int>> = []
    for start in 0..<total { distinct.insert(tokens[start..<start + size]) }
    return (1 - Double(distinct.count) / Double(total)) * penalty
  }
}

/// Right answers should be short and wrong ones long: the cosine reward of arXiv:2502.03373, section 4.2.
///
/// With n tokens of at most N: low + ½(high − low)(1 + cos(πn/N)), where for a wrong answer low and high change places.
public struct CosineLengthReward: Reward {
  public let name = "cosine_length"
  /// Decides what is right: a score of ½ or more.
  public var judge: any Reward
  public var correct: ClosedRange<Double>
  public var wrong: ClosedRange<Double>
  public var maximumLength: Int
  /// What a completion gets that reaches the longest length; nil leaves it to the curve.
  public var exceeded: Double?
  /// The most that brevity can earn; nil is no limit.
  ///
  /// Light-R1 (arXiv:2503.10460) clips it, but did not publish where.
  public var correctLimit: Double?

  public init(
    judge: any Reward = MathReward(), correct: ClosedRange<Double> = 0.5...1,
    wrong: ClosedRange<Double> = -1...(-0.5), maximumLength: Int, exceeded: Double? = nil,
    correctLimit: Double? = nil
  ) {
    self.judge = judge
    self.correct = correct
    self.wrong = wrong
    self.maximumLength = max(1, maximumLength)
    self.exceeded = exceeded
    self.correctLimit = correctLimit
  }

  public func score(_ sample: Sample) -> Double {
    let length = min(sample.tokens.count, maximumLength)
    if let exceeded, sample.isTruncated || length >= maximumLength { return exceeded }
    let wave = 0.5 * (1 + cos(.pi * Double(length) / Double(maximumLength)))
    guard judge.score(sample) >= 0.5 else {
      return wrong.upperBound - (wrong.upperBound - wrong.lowerBound) * wave
    }
    let reward = correct.lowerBound + (correct.upperBound - correct.lowerBound) * wave
    return correctLimit.map { min(reward, $0) } ?? reward
  }
}
