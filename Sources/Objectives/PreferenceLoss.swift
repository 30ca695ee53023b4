/// What a pair of completions to one prompt tells a preference loss.
public struct PreferencePair: Sendable, Equatable {
  /// log π(y|x) − log ref(y|x) of the chosen completion, summed over its tokens; without a reference, log π(y|x).
  ///
  /// Under another divergence than the reverse Kullback–Leibler, its score of that ratio.
  public var chosen: Double
  /// The same of the rejected completion.
  public var rejected: Double
  /// Tokens of the chosen completion.
  public var chosenLength: Int
  /// Tokens of the rejected completion.
  public var rejectedLength: Int
  /// log π(y|x) of the chosen completion by itself, summed over its tokens.
  public var policyChosen: Double
  /// The same of the rejected completion.
  public var policyRejected: Double
  /// Where the pair stands in its batch.
  public var standing: PairStanding

  public init(
    chosen: Double, rejected: Double, chosenLength: Int = 1, rejectedLength: Int = 1,
    policyChosen: Double = 0, policyRejected: Double = 0, standing: PairStanding = PairStanding()
  ) {
    self.chosen = chosen
    self.rejected = rejected
    self.chosenLength = chosenLength
    self.rejectedLength = rejectedLength
    self.policyChosen = policyChosen
    self.policyRejected = policyRejected
    self.standing = standing
  }

  /// log π of the chosen completion's token in the mean.
  var meanChosen: Double { policyChosen * reciprocal(chosenLength) }
  /// The same of the rejected completion.
  var meanRejected: Double { policyRejected * reciprocal(rejectedLength) }
}

/// The loss of one pair and its derivatives in the pair's two log-ratios.
///
/// The reference is constant: a derivative in a log-ratio is the one in log π.
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
  /// τ of `discopop` (`discopop_tau`).
  public var discopopTemperature: Double
  /// γ of `simpo` and `alphapo`, by how much the chosen reward should win (`simpo_gamma`).
  public var simpoMargin: Double
  /// What the likelihood of the chosen completions counts for in `cpo` (`cpo_alpha`).
  public var cpoLikelihood: Double
  /// α of `alphapo`, which bends the reward (`alpha`).
  public var alphaExponent: Double

  public init(
    labelSmoothing: Double = 0, isLengthNormalized: Bool = true, discopopTemperature: Double = 0.05,
    simpoMargin: Double = 0.5, cpoLikelihood: Double = 1, alphaExponent: Double = 0.25
  ) {
    self.labelSmoothing = labelSmoothing
    self.isLengthNormalized = isLengthNormalized
    self.discopopTemperature = discopopTemperature
    self.simpoMargin = simpoMargin
    self.cpoLikelihood = cpoLikelihood
    self.alphaExponent = alphaExponent
  }
}

/// A loss of the family of direct preference optimization: a closed form in the two log-ratios of a pair.
///
/// Adding one: a file with the formula, its slopes and its paper, and a line in `PreferenceLosses.all`.
public protocol PreferenceLoss: Sendable {
  /// What `loss_type` calls it.
  static var name: String { get }

  /// Whether it looks at the reference at all; one that does not needs no reference model.
  static var usesReference: Bool { get }

  /// Whether it compares scores, for which another divergence may stand (`f_divergence_type`).
  static var comparesScores: Bool { get }

  /// What a pair has to know of its batch.
  static var batchNeed: BatchNeed { get }

  init(_ settings: PreferenceLossSettings)

  /// What the mean −log p over the chosen tokens of the batch counts for beside the loss of the pair.
  var likelihoodWeight: Double { get }

  /// The loss of one pair and its slopes; `beta` is how strongly the policy is held to the reference.
  func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss

  /// The implicit rewards of a pair that are reported.
  func rewards(_ pair: PreferencePair, beta: Double) -> (chosen: Double, rejected: Double)
}

extension PreferenceLoss {
  public static var usesReference: Bool { true }
  public static var comparesScores: Bool { false }
  public static var batchNeed: BatchNeed { .nothing }
  public var likelihoodWeight: Double { 0 }

  public func rewards(
    _ pair: PreferencePair, beta: Double
  ) -> (chosen: Double, rejected: Double) {
    (beta * pair.chosen, beta * pair.rejected)
  }
}

/// The preference losses there are.
public enum PreferenceLosses {
  public static let all: [any PreferenceLoss.Type] = [
    SigmoidPreference.self, RobustPreference.self, HingePreference.self, IdentityPreference.self,
    ExactPreference.self, NoiseContrastivePreference.self, BinaryClassifierPreference.self,
    SelfPlayPreference.self, OptimalTransportPreference.self,
    UnpairedOptimalTransportPreference.self, AnchoredUpPreference.self,
    AnchoredDownPreference.self, DiscoveredPreference.self, NormalizedSigmoidPreference.self,
    LikelihoodPreference.self, SimplePreference.self, OddsRatioPreference.self,
    ContrastivePreference.self, AlphaPreference.self,
  ]

  /// The loss that `loss_type` names; nil if there is none of that name.
  public static func named(
    _ name: String, _ settings: PreferenceLossSettings = PreferenceLossSettings()
  ) -> (any PreferenceLoss)? {
    all.first { $0.name == name }?.init(settings)
  }
}
