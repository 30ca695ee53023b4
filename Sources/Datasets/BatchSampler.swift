internal import Randomness

/// Which examples each step learns from: a function of the seed and the step alone.
///
/// Each epoch takes every example once, in an order of its own; its last batch may be smaller. To
/// resume is to go on with the next step.
public struct BatchSampler: Sendable {
  public let count: Int
  public let batchSize: Int
  public let isShuffled: Bool
  private let random: CoordinateRandom

  /// The order of the epoch asked for last, since steps mostly come one after another.
  private var latest: (epoch: Int, order: [Int])?

  public init(count: Int, batchSize: Int, seed: UInt64, isShuffled: Bool = true) {
    precondition(count > 0, "there are no examples to sample")
    precondition(batchSize > 0, "a batch of \(batchSize) examples teaches nothing")
    self.count = count
    self.batchSize = batchSize
    self.isShuffled = isShuffled
    self.random = CoordinateRandom(seed: seed, stream: "datasets/order")
  }

  public var stepsPerEpoch: Int { (count + batchSize - 1) / batchSize }

  /// How many steps a run of so many epochs has, in whole steps, rounded up.
  public func steps(epochs: Double) -> Int {
    precondition(epochs >= 0 && epochs.isFinite, "cannot run \(epochs) epochs")
    return Int(exactly: (epochs * Double(stepsPerEpoch)).rounded(.up)) ?? Int.max
  }

  /// The examples of a step, counted from zero.
  public mutating func indices(step: Int) -> [Int] {
    precondition(step >= 0, "there is no step \(step)")
    let (epoch, position) = step.quotientAndRemainder(dividingBy: stepsPerEpoch)
    let start = position * batchSize
    let end = min(start + batchSize, count)
    guard isShuffled else { return Array(start..<end) }
    return Array(order(epoch: epoch)[start..<end])
  }

  private mutating func order(epoch: Int) -> [Int] {
    if let latest, latest.epoch == epoch { return latest.order }
    let order = random.permutation(count: count, epoch: UInt64(epoch))
    latest = (epoch, order)
    return order
  }
}
