/// Noise-contrastive alignment of pairs (arXiv:2402.05369), which Light-R1 trains with at β = 0.3:
/// −log σ(βa) − ½ log σ(−βa) − ½ log σ(−βb).
///
/// Unlike DPO it sees each completion's own reward, so that the chosen one's likelihood cannot fall for the margin's sake.
public struct NoiseContrastivePreference: PreferenceLoss {
  public static let name = "nca_pair"

  public init(_ settings: PreferenceLossSettings = PreferenceLossSettings()) {}

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let chosen = beta * pair.chosen
    let rejected = beta * pair.rejected
    return PairLoss(
      loss: -logSigmoid(chosen) - 0.5 * logSigmoid(-chosen) - 0.5 * logSigmoid(-rejected),
      chosenSlope: beta * (0.5 * sigmoid(chosen) - sigmoid(-chosen)),
      rejectedSlope: beta * 0.5 * sigmoid(rejected))
  }
}
