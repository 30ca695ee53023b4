/// Alignment by optimal transport, paired (AOT, arXiv:2406.05882, algorithm 1): the policy's margins should dominate the
/// reference's as distributions, quantile by quantile.
///
/// With u = log π(c) − log π(l) and v = log ref(c) − log ref(l), each sorted over the *global* batch, and
/// z = β(u₍ᵢ₎ − v₍ᵢ₎): −(1−ε) log σ(z) − ε log σ(−z). Elsewhere micro-batches are sorted, and accumulation changes the result.
public struct OptimalTransportPreference: PreferenceLoss {
  public static let name = "aot"
  public static let batchNeed = BatchNeed.sortedMargins

  public var labelSmoothing: Double

  public init(_ settings: PreferenceLossSettings = PreferenceLossSettings()) {
    labelSmoothing = settings.labelSmoothing
  }

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let margin = pair.policyChosen - pair.policyRejected
    // A batch of one pair is sorted.
    let gap = pair.standing.referenceMargin.map { margin - $0 } ?? pair.chosen - pair.rejected
    let (loss, slope) = smoothedLogistic(beta * gap, labelSmoothing)
    return PairLoss(loss: loss, chosenSlope: beta * slope, rejectedSlope: -beta * slope)
  }
}

/// Alignment by optimal transport, unpaired (AOT, arXiv:2406.05882, algorithm 2; `aot_pair` of TRL before 1.0): the log-ratios
/// of chosen completions should dominate those of rejected ones.
///
/// With a and b each sorted over the global batch and z = β(a₍ᵢ₎ − b₍ᵢ₎), the same link. A pair's loss is that of its chosen
/// completion with whatever rejected one has its rank; its rejected completion learns against another pair's chosen one.
public struct UnpairedOptimalTransportPreference: PreferenceLoss {
  public static let name = "aot_unpaired"
  public static let batchNeed = BatchNeed.sortedRatios

  public var labelSmoothing: Double

  public init(_ settings: PreferenceLossSettings = PreferenceLossSettings()) {
    labelSmoothing = settings.labelSmoothing
  }

  public func evaluate(_ pair: PreferencePair, beta: Double) -> PairLoss {
    let rejected = pair.standing.rejectedOfChosen ?? pair.rejected
    let chosen = pair.standing.chosenOfRejected ?? pair.chosen
    let own = smoothedLogistic(beta * (pair.chosen - rejected), labelSmoothing)
    let other = smoothedLogistic(beta * (chosen - pair.rejected), labelSmoothing)
    return PairLoss(
      loss: own.loss, chosenSlope: beta * own.slope, rejectedSlope: -beta * other.slope)
  }
}
