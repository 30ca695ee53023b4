/// Identity preference optimization (arXiv:2310.12036, equation 17): (a − b − 1/(2β))².
///
/// TRL divides each log-ratio by its completion's length first, and so does this unless told otherwise: the paper's sums let
/// the longer completion decide the margin.
public struct IdentityPreference: PreferenceLoss {
  public static let name = "ipo"
  public static let comparesScores = true

  /// Whether a and b are means over tokens instead of sums.
  public var isLengthNormalized: Bool

  public init(isLengthNormalized: Bool) {
    self.isLengthNormalized = isLengthNormalized
  }

  public init(_ settings: PreferenceLossSettings) {
    self.init(isLengthNormalized: settings.isLengthNormalized)
  }

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let chosen = isLengthNormalized ? reciprocal(pair.chosenLength) : 1
    let rejected = isLengthNormalized ? reciprocal(pair.rejectedLength) : 1
    let gap = pair.chosen * chosen - pair.rejected * rejected - 1 / (2 * beta)
    return PairLoss(
      loss: gap * gap, chosenSlope: 2 * gap * chosen, rejectedSlope: -2 * gap * rejected)
  }
}
