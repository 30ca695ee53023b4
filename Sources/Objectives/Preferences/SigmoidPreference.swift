/// Direct preference optimization (arXiv:2305.18290, equation 7), with the label smoothing of conservative DPO.
///
/// With h = β(a − b): −(1−ε) log σ(h) − ε log σ(−h). At ε > 0 the least loss is at h = log((1−ε)/ε) instead of infinity.
public struct SigmoidPreference: PreferenceLoss {
  public static let name = "sigmoid"
  public static let comparesScores = true

  /// ε: the share of pairs that are believed to be labelled the wrong way round.
  public var labelSmoothing: Double

  public init(labelSmoothing: Double) {
    self.labelSmoothing = labelSmoothing
  }

  public init(_ settings: PreferenceLossSettings) {
    self.init(labelSmoothing: settings.labelSmoothing)
  }

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let h = beta * (pair.chosen - pair.rejected)
    let loss = -(1 - labelSmoothing) * logSigmoid(h) - labelSmoothing * logSigmoid(-h)
    let slope = beta * (labelSmoothing * sigmoid(h) - (1 - labelSmoothing) * sigmoid(-h))
    return PairLoss(loss: loss, chosenSlope: slope, rejectedSlope: -slope)
  }
}
