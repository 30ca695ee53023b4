/// Self-play preference optimization with hard labels (SPPO, arXiv:2405.00675, equation 4.7 with P = 1 and 0):
/// (a − 1/(2β))² + (b + 1/(2β))².
public struct SelfPlayPreference: PreferenceLoss {
  public static let name = "sppo_hard"

  public init(_ settings: PreferenceLossSettings = PreferenceLossSettings()) {}

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let chosen = pair.chosen - 0.5 / beta
    let rejected = pair.rejected + 0.5 / beta
    return PairLoss(
      loss: chosen * chosen + rejected * rejected, chosenSlope: 2 * chosen,
      rejectedSlope: 2 * rejected)
  }
}
