/// Anchored preference optimization towards the chosen (APO-zero, arXiv:2408.06266, equation 7): 1 − σ(βa) + σ(βb).
///
/// For chosen answers better than the model's own: their likelihood rises and that of the rejected ones falls.
public struct AnchoredUpPreference: PreferenceLoss {
  public static let name = "apo_zero"

  public init(_ settings: PreferenceLossSettings = PreferenceLossSettings()) {}

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let (chosen, rejected) = (beta * pair.chosen, beta * pair.rejected)
    return PairLoss(
      loss: 1 - sigmoid(chosen) + sigmoid(rejected), chosenSlope: -beta * sigmoidSlope(chosen),
      rejectedSlope: beta * sigmoidSlope(rejected))
  }
}

/// Anchored preference optimization away from both (APO-down, arXiv:2408.06266, equation 8): σ(βa) + 1 − σ(β(a − b)).
///
/// For chosen answers worse than the model's own: both likelihoods fall, that of the rejected ones further.
public struct AnchoredDownPreference: PreferenceLoss {
  public static let name = "apo_down"

  public init(_ settings: PreferenceLossSettings = PreferenceLossSettings()) {}

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let chosen = beta * pair.chosen
    let h = beta * (pair.chosen - pair.rejected)
    return PairLoss(
      loss: sigmoid(chosen) + 1 - sigmoid(h),
      chosenSlope: beta * (sigmoidSlope(chosen) - sigmoidSlope(h)),
      rejectedSlope: beta * sigmoidSlope(h))
  }
}
