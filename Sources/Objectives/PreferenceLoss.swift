/// What a pair of completions to one prompt tells a preference loss.
public struct PreferencePair: Sendable, Equatable {
  /// log π(y|x) − log ref(y|x) of the chosen completion, summed over its tokens; without a reference, log π(y|x).
  public var chosen: Double
  /// The same of the rejected completion.
  public var rejected: Double
  /// Tokens of the chosen completion.
  public var chosenLength: Int
  /// Tokens of the rejected completion.
  public var rejectedLength: Int

  public init(chosen: Double, rejected: Double, chosenLength: Int = 1, rejectedLength: Int = 1) {
    self.chosen = chosen
    self.rejected = rejected
    self.chosenLength = chosenLength
    self.rejectedLength = rejectedLength
  }
}

/// The loss of one pair and its derivatives in the pair's two log-ratios.
public struct PairLoss: Sendable, Equatable {
  public var loss: Double
  public var chosenSlope: Double
  public var rejectedSlope: Double

  public init(loss: Double, chosenSlope: Double, rejectedSlope: Double) {
    self.loss = loss
    self.chosenSlope = chosenSlope
    self.rejectedSlope = rejectedSlope
  }
}

/// Settings of preference losses, under TRL's names in a recipe; a loss takes those that concern it.
public struct PreferenceLossSettings: Sendable, Equatable {
  /// The share of pairs that are believed to be labelled the wrong way round (`label_smoothing`).
  public var labelSmoothing: Double
  /// Whether `ipo` compares mean instead of summed log-probabilities (`length_normalize`).
  public var isLengthNormalized: Bool

  public init(labelSmoothing: Double = 0, isLengthNormalized: Bool = true) {
    self.labelSmoothing = labelSmoothing
    self.isLengthNormalized = isLengthNormalized
  }
}

/// A loss of the family of direct preference optimization: a closed form in the two log-ratios of a pair.
///
/// Adding one: a file with the formula, its slopes and its paper, and a line in `PreferenceLosses.all`.
public protocol PreferenceLoss: Sendable {
  /// What `loss_type` calls it.
  static var name: String { get }

  init(_ settings: PreferenceLossSettings)

  /// The loss of one pair and its slopes; `beta` is how strongly the policy is held to the reference.
  func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss
}

/// The preference losses there are.
public enum PreferenceLosses {
  public static let all: [any PreferenceLoss.Type] = [
    SigmoidPreference.self, HingePreference.self, IdentityPreference.self,
    NoiseContrastivePreference.self,
  ]

  /// The loss that `loss_type` names; nil if there is none of that name.
  public static func named(
    _ name: String, _ settings: PreferenceLossSettings = PreferenceLossSettings()
  ) -> (any PreferenceLoss)? {
    all.first { $0.name == name }?.init(settings)
  }
}
