/// The hinge loss of SLiC-HF (arXiv:2305.10425) on the margin of DPO, as in RSO (arXiv:2309.06657): max(0, 1 − β(a − b)).
public struct HingePreference: PreferenceLoss {
  public static let name = "hinge"
  public static let comparesScores = true

  public init(_ settings: PreferenceLossSettings = PreferenceLossSettings()) {}

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let gap = 1 - beta * (pair.chosen - pair.rejected)
    guard gap > 0 else { return PairLoss(loss: 0, chosenSlope: 0, rejectedSlope: 0) }
    return PairLoss(loss: gap, chosenSlope: -beta, rejectedSlope: beta)
  }
}
