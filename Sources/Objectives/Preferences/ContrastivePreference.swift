/// Contrastive preference optimization (CPO, arXiv:2401.08417, equations 3 and 4), without a reference: with
/// h = β(log π(c) − log π(l)), −(1−ε) log σ(h) − ε log σ(−h), plus `cpo_alpha` times the likelihood of the chosen completions.
public struct ContrastivePreference: PreferenceLoss {
  public static let name = "cpo"
  public static let usesReference = false

  public var labelSmoothing: Double
  public var likelihoodWeight: Double

  public init(_ settings: PreferenceLossSettings) {
    labelSmoothing = settings.labelSmoothing
    likelihoodWeight = settings.cpoLikelihood
  }

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let (loss, slope) = smoothedLogistic(
      beta * (pair.policyChosen - pair.policyRejected), labelSmoothing)
    return PairLoss(loss: loss, chosenSlope: beta * slope, rejectedSlope: -beta * slope)
  }

  public func rewards(
    _ pair: PreferencePair, beta: Double
  ) -> (chosen: Double, rejected: Double) {
    (beta * pair.policyChosen, beta * pair.policyRejected)
  }
}
