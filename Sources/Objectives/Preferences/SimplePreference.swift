/// Simple preference optimization (SimPO, arXiv:2405.14734, equation 6), without a reference: with l̄ the mean log-probability
/// of a completion's tokens and z = β(l̄(c) − l̄(l)) − γ, −(1−ε) log σ(z) − ε log σ(−z).
///
/// β is that of means over tokens: the paper uses 2 to 2.5, with γ from 0.3 to 1.6. This is the paper's loss alone; TRL's
/// trainer adds a likelihood term by default, for which `[simpo, sft]` stands here.
public struct SimplePreference: PreferenceLoss {
  public static let name = "simpo"
  public static let usesReference = false

  /// γ.
  public var margin: Double
  public var labelSmoothing: Double

  public init(_ settings: PreferenceLossSettings) {
    margin = settings.simpoMargin
    labelSmoothing = settings.labelSmoothing
  }

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let z = beta * (pair.meanChosen - pair.meanRejected) - margin
    let (loss, slope) = smoothedLogistic(z, labelSmoothing)
    return PairLoss(
      loss: loss, chosenSlope: slope * beta * reciprocal(pair.chosenLength),
      rejectedSlope: -slope * beta * reciprocal(pair.rejectedLength))
  }

  public func rewards(
    _ pair: PreferencePair, beta: Double
  ) -> (chosen: Double, rejected: Double) {
    (beta * pair.meanChosen, beta * pair.meanRejected)
  }
}
