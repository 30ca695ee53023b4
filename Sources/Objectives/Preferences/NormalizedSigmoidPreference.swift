/// Length-normalised DPO, as Tülu 3 trains (arXiv:2411.15124, equation 6): −log σ(β(a/|c| − b/|l|)).
///
/// A mean over tokens is some hundred times smaller than a sum: β is to be larger than DPO's by as much (Tülu 3: 5).
public struct NormalizedSigmoidPreference: PreferenceLoss {
  public static let name = "sigmoid_norm"
  public static let comparesScores = true

  public init(_ settings: PreferenceLossSettings = PreferenceLossSettings()) {}

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let chosen = reciprocal(pair.chosenLength)
    let rejected = reciprocal(pair.rejectedLength)
    let h = beta * (pair.chosen * chosen - pair.rejected * rejected)
    let slope = -beta * sigmoid(-h)
    return PairLoss(
      loss: -logSigmoid(h), chosenSlope: slope * chosen, rejectedSlope: -slope * rejected)
  }
}
