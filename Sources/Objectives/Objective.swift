/// A loss as a function of numbers that a model produced: what everything here learns from.
///
/// An objective sees no model, no tokenizer and no rank. It is told what the policy made of one example, and answers with
/// that example's share of the batch's loss and with the slope of the batch's loss in each number. Shares of a batch add up,
/// in any division into micro-batches, because whatever must be known of the whole batch is taken beforehand: counts in its
/// totals, and what only the policy can tell of it in a survey. All arithmetic is in Double; the policy's numbers come in,
/// and the slopes go out, as Float.
public protocol Objective: Sendable {
  /// What is known of an example besides what the policy says: weights, reference log-probabilities, an advantage, a margin.
  associatedtype Example: Sendable

  /// What one example adds to the totals of its batch; `lengths` are the completion tokens of each of its sequences.
  func totals(_ example: Example, lengths: [Int]) -> BatchTotals

  /// The share of one example in a batch with these totals.
  ///
  /// `policy` holds, for each sequence of the example, the log-probability of each completion token, in nats; or, for an
  /// objective over scores, one score.
  func evaluate(_ example: Example, policy: [ArraySlice<Float>], totals: BatchTotals) -> Evaluation

  /// The slopes of `evaluate`, of an objective that is linear in the policy's numbers and knows them
  /// before the policy says anything; nil of others.
  func knownSlopes(
    _ example: Example, lengths: [Int], totals: BatchTotals
  ) -> [[Float]]?

  /// What has to be seen of the whole batch before any of it is evaluated; most objectives need nothing.
  var survey: SurveyKind { get }

  /// What the batch has to know of one example: some numbers, the only ones that go from rank to rank.
  func observe(_ example: Example, _ view: PolicyView) -> [Double]

  /// The batch's examples, each told what it has to know of the others, and the state for the next step.
  ///
  /// `observations` are those of all examples in the batch's order, and the same on every rank. `state` is what the last
  /// step left, empty before the first: a checkpoint keeps it.
  func informed(
    _ examples: [Example], _ observations: [[Double]], state: [Double]
  ) -> Survey<Example>
}

extension Objective {
  public func knownSlopes(
    _ example: Example, lengths: [Int], totals: BatchTotals
  ) -> [[Float]]? { nil }

  public var survey: SurveyKind { .none }

  public func observe(_ example: Example, _ view: PolicyView) -> [Double] { [] }

  public func informed(
    _ examples: [Example], _ observations: [[Double]], state: [Double]
  ) -> Survey<Example> {
    Survey(examples: examples, state: state)
  }
}

/// One example's share of a batch.
public struct Evaluation: Sendable {
  /// This example's share of the batch's loss: the shares of a batch add up to its loss.
  public var loss: Double
  /// The derivative of the batch's loss in each number of `policy`, in the same shape.
  public var slopes: [[Float]]
  /// Numbers to report.
  public var metrics: Metrics

  public init(loss: Double, slopes: [[Float]], metrics: Metrics) {
    self.loss = loss
    self.slopes = slopes
    self.metrics = metrics
  }
}
