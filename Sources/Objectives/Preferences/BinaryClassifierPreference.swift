/// Binary classifier optimization on pairs (BCO, arXiv:2404.04656, equation 12): −log σ(βa − δ) − log σ(−(βb − δ)).
///
/// δ is the mean of the mean rewards of the batches so far, this one among them, as in TRL 0.23; later releases leave it out.
/// It is state: a run that is resumed goes on with it.
public struct BinaryClassifierPreference: PreferenceLoss {
  public static let name = "bco_pair"
  public static let batchNeed = BatchNeed.runningReward

  public init(_ settings: PreferenceLossSettings = PreferenceLossSettings()) {}

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let chosen = beta * pair.chosen - pair.standing.baseline
    let rejected = beta * pair.rejected - pair.standing.baseline
    return PairLoss(
      loss: -logSigmoid(chosen) - logSigmoid(-rejected), chosenSlope: -beta * sigmoid(-chosen),
      rejectedSlope: beta * sigmoid(rejected))
  }
}
