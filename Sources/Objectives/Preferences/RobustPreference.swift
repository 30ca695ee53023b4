/// DPO that is unbiased when a known share ε of the labels is flipped (arXiv:2403.00409, equation 12).
///
/// With h = β(a − b): (−(1−ε) log σ(h) + ε log σ(−h)) / (1 − 2ε). It needs ε below one half.
public struct RobustPreference: PreferenceLoss {
  public static let name = "robust"
  public static let comparesScores = true

  public var labelSmoothing: Double

  public init(_ settings: PreferenceLossSettings = PreferenceLossSettings()) {
    labelSmoothing = settings.labelSmoothing
  }

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let h = beta * (pair.chosen - pair.rejected)
    let scale = 1 / (1 - 2 * labelSmoothing)
    let loss = labelSmoothing * logSigmoid(-h) - (1 - labelSmoothing) * logSigmoid(h)
    let slope = -labelSmoothing * sigmoid(h) - (1 - labelSmoothing) * sigmoid(-h)
    return PairLoss(
      loss: scale * loss, chosenSlope: scale * beta * slope, rejectedSlope: -scale * beta * slope)
  }
}
