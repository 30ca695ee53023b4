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
    /// Whether the letter that is chosen is the right one.
    case multipleChoice = "multiple_choice"
    /// Costs completions near the limit of length (DAPO's soft over-long penalty).
    case length
    /// Costs repeated n-grams.
    case repetition
    /// Pays short right answers and long wrong ones more.
    case cosine
    /// What a program of the user's says.
    case program
  }

  public var kind = Kind.math
  public var weight = 1.0
  /// What reports call it; by default its kind.
  public var name: String?
  /// `math` and `cosine`: whether a completion without `</think>` is wrong whatever it says.
  public var requiresThinking: Bool?
  /// `length`: over how many tokens the penalty grows; by default a fifth of the longest completion.
  public var softPunishCache: Int?
  /// `repetition`: tokens in an n-gram, by default 4.
  public var ngramSize: Int?
  /// `repetition`: what nothing but repetition would cost, by default −1.
  public var maxPenalty: Double?
  /// `cosine`: what a right answer gets, by default 0.5 at the longest and 1 at the shortest; a wrong one −0.5 and −1.
  public var minValueCorrect: Double?
  public var maxValueCorrect: Double?
  public var minValueWrong: Double?
  public var maxValueWrong: Double?
  /// `cosine`: what a completion gets that reaches the longest length.
  public var exceeded: Double?
  /// `cosine`: the most that brevity can earn (Light-R1's clip).
  public var correctLimit: Double?
  /// `model`: whether its scores are brought to mean 0 and deviation 1, by what it says of itself.
  public var normalizeReward: Bool?
  /// `program`: the words of its command; `{program}` stands for the input `program`.
  public var command: [String] = []
  /// `program`: how many seconds it may take for one answer; by default 60.
  public var timeout: Double?

  public init() {}

  public init(kind: Kind, weight: Double = 1) {
    self.kind = kind
    self.weight = weight
  }

  /// What reports call it.
  var title: String { name ?? kind.rawValue }

  /// The rule of this kind; nil for what is no rule: the reward model, and a program.
  func rule(maximumLength: Int) -> (any Reward)? {
    switch kind {
    case .model, .program: return nil
    case .math: return MathReward(requiresThinking: requiresThinking ?? false)
    case .format: return FormatReward()
    case .exactMatch: return ExactMatchReward()
    case .multipleChoice: return MultipleChoiceReward()
    case .length:
      return LengthReward(
        maximumLength: maximumLength, cache: softPunishCache ?? max(1, maximumLength / 5))
    case .repetition: return RepetitionReward(size: ngramSize ?? 4, penalty: maxPenalty ?? -1)
    case .cosine:
      return CosineLengthReward(
        judge: MathReward(requiresThinking: requiresThinking ?? false),
        correct: (minValueCorrect ?? 0.5)...(maxValueCorrect ?? 1),
        wrong: (minValueWrong ?? -1)...(maxValueWrong ?? -0.5), maximumLength: maximumLength,
        exceeded: exceeded, correctLimit: correctLimit)
    }
  }
}
