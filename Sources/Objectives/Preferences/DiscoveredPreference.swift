import Glibc

/// The loss that a language model discovered (DiscoPOP, arXiv:2406.08414, equation 5).
///
/// With h = β(a − b) and m = σ(h/τ): −log σ(h) (1 − m) + e⁻ʰ m. It is not convex, and falls again where h is far below 0.
public struct DiscoveredPreference: PreferenceLoss {
  public static let name = "discopop"
  public static let comparesScores = true

  /// τ.
  public var temperature: Double

  public init(_ settings: PreferenceLossSettings = PreferenceLossSettings()) {
    temperature = settings.discopopTemperature
  }

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let h = beta * (pair.chosen - pair.rejected)
    let mixed = sigmoid(h / temperature)
    let rest = sigmoid(-h / temperature)
    // e⁻ʰ alone overflows where m vanishes: their product is taken in the exponent, which a τ above 1 still lets grow.
    let decay = exp(min(700, logSigmoid(h / temperature) - h))
    let loss = -logSigmoid(h) * rest + decay
    let slope =
      -sigmoid(-h) * rest + logSigmoid(h) * mixed * rest / temperature - decay
      + decay * rest / temperature
    return PairLoss(loss: loss, chosenSlope: beta * slope, rejectedSlope: -beta * slope)
  }
}
