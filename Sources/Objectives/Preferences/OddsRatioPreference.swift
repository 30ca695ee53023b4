import Glibc

/// Odds-ratio preference optimization (ORPO, arXiv:2403.07691, equations 6 and 7), without a reference: the likelihood of the
/// chosen completions − λ log σ(log odds(c) − log odds(l)), where odds = p/(1 − p), p is the geometric mean of the tokens'
/// probabilities and λ is `beta`.
///
/// The likelihood is that of completions, as in the paper; TRL counts the prompt's tokens, too.
public struct OddsRatioPreference: PreferenceLoss {
  public static let name = "orpo"
  public static let usesReference = false
  public let likelihoodWeight = 1.0

  public init(_ settings: PreferenceLossSettings = PreferenceLossSettings()) {}

  /// The log-odds of a mean log-probability, l̄ − log(1 − e^l̄), and their slope in it, 1 / (1 − e^l̄).
  private func logOdds(_ mean: Double) -> (value: Double, slope: Double) {
    // A certain completion has infinite odds: it counts as one that is certain but for 10⁻¹².
    let mean = min(mean, -1e-12)
    let rest = -expm1(mean)
    return (mean - log(rest), 1 / rest)
  }

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let chosen = logOdds(pair.meanChosen)
    let rejected = logOdds(pair.meanRejected)
    let z = chosen.value - rejected.value
    let slope = -beta * sigmoid(-z)
    return PairLoss(
      loss: -beta * logSigmoid(z),
      chosenSlope: slope * chosen.slope * reciprocal(pair.chosenLength),
      rejectedSlope: -slope * rejected.slope * reciprocal(pair.rejectedLength))
  }

  public func rewards(
    _ pair: PreferencePair, beta: Double
  ) -> (chosen: Double, rejected: Double) {
    (beta * pair.meanChosen, beta * pair.meanRejected)
  }
}
