/// The likelihood of the chosen completions: the mean −log p over the chosen tokens of the global batch.
///
/// Beside another loss it keeps the chosen likelihood from falling: `[sigmoid, sft]` is RPO (arXiv:2404.19733).
public struct LikelihoodPreference: PreferenceLoss {
  public static let name = "sft"
  public static let usesReference = false
  public let likelihoodWeight = 1.0

  public init(_ settings: PreferenceLossSettings = PreferenceLossSettings()) {}

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    PairLoss(loss: 0, chosenSlope: 0, rejectedSlope: 0)
  }
}
