/// What a pair has to know of the other pairs of its global batch, for the losses that compare more than a pair.
public struct PairStanding: Sendable, Equatable {
  /// What the pair's losses are multiplied by (`use_weighting`).
  public var weight = 1.0
  /// The mean reward that rewards are compared with: `bco_pair`'s δ.
  public var baseline = 0.0
  /// The reference's margin of the same rank as this pair's margin: `aot`'s; nil where the batch is this pair.
  public var referenceMargin: Double?
  /// The rejected log-ratio of the same rank as this pair's chosen one: `aot_unpaired`'s.
  public var rejectedOfChosen: Double?
  /// The chosen log-ratio of the same rank as this pair's rejected one.
  public var chosenOfRejected: Double?

  public init() {}
}

/// What a loss needs of the batch besides the pair.
public enum BatchNeed: Sendable, Equatable {
  case nothing
  /// The margins of policy and reference, each sorted.
  case sortedMargins
  /// The log-ratios of chosen and of rejected completions, each sorted.
  case sortedRatios
  /// The mean of the batches' mean rewards so far, this batch's among them.
  case runningReward
}

/// For each value of `left`, the value of `right` that has its place once both are sorted.
///
/// Equal values take their places in the batch's order, so that each value of `right` is taken once.
func matched(_ left: [Double], with right: [Double]) -> [Double] {
  let sorted = right.sorted()
  let order = left.indices.sorted { (left[$0], $0) < (left[$1], $1) }
  var result = [Double](repeating: 0, count: left.count)
  for (rank, index) in order.enumerated() { result[index] = sorted[rank] }
  return result
}
