public import Pipeline
import Rewards

/// One reward of a mixture: `{kind: math, weight: 1}`.
public struct RewardSettings: StageSettings, Equatable {
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// The reward model that is an input of the stage.
    case model
    /// Whether the final answer is the right one.
    case math
    /// Whether the completion is `<think>…</think>` and an answer.
    case format
    case exactMatch = "exact_match"
    /// Costs completions near the limit of length (DAPO's soft over-long penalty).
    case length
    /// Costs repeated n-grams.
    case repetition
    /// Pays short right answers and long wrong ones more.
    case cosine
  }

  public var kind = Kind.math
  public var weight = 1.0

  public init() {}

  public init(kind: Kind, weight: Double = 1) {
    self.kind = kind
    self.weight = weight
  }

  /// The rule of this kind; nil for the reward model, which is no rule.
  func rule(maximumLength: Int) -> (any Reward)? {
    switch kind {
    case .model: return nil
    case .math: return MathReward()
    case .format: return FormatReward()
    case .exactMatch: return ExactMatchReward()
    case .length:
      return LengthReward(maximumLength: maximumLength, cache: max(1, maximumLength / 5))
    case .repetition: return RepetitionReward(size: 4)
    case .cosine: return CosineLengthReward(maximumLength: maximumLength)
    }
  }
}
