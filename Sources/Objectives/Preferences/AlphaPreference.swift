import Glibc

/// SimPO with a bent reward (AlphaPO, arXiv:2501.03884, equation 5): r = (1 − p^−α)/α in place of log p, where p is the
/// geometric mean of the tokens' probabilities and α = 0 is SimPO itself.
///
/// α above 0 punishes unlikely completions harder and so keeps likelihoods from falling; the paper's best are 0.1 to 0.25.
public struct AlphaPreference: PreferenceLoss {
  public static let name = "alphapo"
  public static let usesReference = false

  /// γ.
  public var margin: Double
  /// α.
  public var exponent: Double
  public var labelSmoothing: Double

  public init(_ settings: PreferenceLossSettings) {
    margin = settings.simpoMargin
    exponent = settings.alphaExponent
    labelSmoothing = settings.labelSmoothing
  }

  /// The reward of a mean log-probability, and its slope in it.
  private func reward(_ mean: Double) -> (value: Double, slope: Double) {
    guard exponent != 0 else { return (mean, 1) }
    // Beyond e⁸⁰ a reward is constant: no completion is that unlikely and still worth learning from.
    guard -exponent * mean <= 80 else { return (-expm1(80) / exponent, 0) }
    return (-expm1(-exponent * mean) / exponent, exp(-exponent * mean))
  }

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let chosen = reward(pair.meanChosen)
    let rejected = reward(pair.meanRejected)
    let (loss, slope) = smoothedLogistic(
      beta * (chosen.value - rejected.value) - margin, labelSmoothing)
    return PairLoss(
      loss: loss, chosenSlope: slope * beta * chosen.slope * reciprocal(pair.chosenLength),
      rejectedSlope: -slope * beta * rejected.slope * reciprocal(pair.rejectedLength))
  }

  public func rewards(
    _ pair: PreferencePair, beta: Double
  ) -> (chosen: Double, rejected: Double) {
    (beta * reward(pair.meanChosen).value, beta * reward(pair.meanRejected).value)
  }
}
