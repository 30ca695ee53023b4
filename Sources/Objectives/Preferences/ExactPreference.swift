import Glibc

/// Efficient exact optimization on a pair (EXO, arXiv:2402.00856, equation 16): the reverse divergence between the policy's
/// preference σ(h), h = β(a − b), and labels that are right with probability 1 − ε.
///
/// σ(h) (log σ(h) − log(1−ε)) + σ(−h) (log σ(−h) − log ε). It needs ε above 0; the least loss is at h = log((1−ε)/ε).
public struct ExactPreference: PreferenceLoss {
  public static let name = "exo_pair"
  public static let comparesScores = true

  public var labelSmoothing: Double

  public init(_ settings: PreferenceLossSettings) {
    labelSmoothing = settings.labelSmoothing
  }

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let h = beta * (pair.chosen - pair.rejected)
    let odds = log1p(-labelSmoothing) - log(labelSmoothing)
    let loss =
      sigmoid(h) * (logSigmoid(h) - log1p(-labelSmoothing)) + sigmoid(-h)
      * (logSigmoid(-h) - log(labelSmoothing))
    // log σ(h) − log σ(−h) is h.
    let slope = beta * sigmoidSlope(h) * (h - odds)
    return PairLoss(loss: loss, chosenSlope: slope, rejectedSlope: -slope)
  }
}
