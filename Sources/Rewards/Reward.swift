/// A completion to be judged.
public struct Sample: Sendable, Equatable {
  public var prompt: String
  public var completion: String
  /// The reference answer, if the prompt has one.
  public var answer: String?
  /// The completion's token ids, for rewards that count tokens.
  public var tokens: [Int]
  /// Whether it was cut at its longest length instead of ending itself.
  public var isTruncated: Bool

  public init(
    prompt: String = "", completion: String, answer: String? = nil, tokens: [Int] = [],
    isTruncated: Bool = false
  ) {
    self.prompt = prompt
    self.completion = completion
    self.answer = answer
    self.tokens = tokens
    self.isTruncated = isTruncated
  }
}

/// A judgement of a completion as a number: greater is better.
///
/// A pure function of the sample, so that a score is the same in any batch, order or rank. Adding one: a file with the rule and
/// its source, and a line where the recipe's names are read.
public protocol Reward: Sendable {
  /// What reports call it: `rewards/<name>/mean`.
  var name: String { get }

  func score(_ sample: Sample) -> Double
}

extension Reward {
  public func score(
    prompt: String, completion: String, answer: String?, isTruncated: Bool, tokens: [Int] = []
  ) -> Double {
    score(
      Sample(
        prompt: prompt, completion: completion, answer: answer, tokens: tokens,
        isTruncated: isTruncated))
  }
}

/// Several rewards added up, each with its weight.
public struct RewardMixture: Reward {
  public struct Part: Sendable {
    public var reward: any Reward
    public var weight: Double

    public init(_ reward: any Reward, weight: Double = 1) {
      self.reward = reward
      self.weight = weight
    }
  }

  public let name = "reward"
  public var parts: [Part]

  public init(_ parts: [Part]) {
    self.parts = parts
  }

  public func score(_ sample: Sample) -> Double { detailed(sample).total }

  /// The weighted sum, and each part's own score before weighting, in the order of the parts.
  public func detailed(_ sample: Sample) -> (total: Double, scores: [Double]) {
    let scores = parts.map { $0.reward.score(sample) }
    return (zip(parts, scores).reduce(0) { $0 + $1.0.weight * $1.1 }, scores)
  }
}
