/// Learning from answers judged one by one: Kahneman–Tversky optimization (KTO, arXiv:2402.01306, equation 8).
///
/// With r = log π(y|x) − log ref(y|x) and z₀ the divergence of the policy from the reference: a desirable answer costs
/// λ_D (1 − σ(β(r − z₀))), an undesirable one λ_U (1 − σ(β(z₀ − r))); the mean over the global batch. z₀ is the mean of the
/// same log-ratio over answers that belong to other prompts, at least 0, over the global batch, and no slope goes through it.
public struct JudgementObjective: Objective {
  /// What an answer costs.
  public enum Loss: String, Sendable, CaseIterable, Codable {
    case kto
    /// Against 0 instead of z₀ (APO-zero on single answers, arXiv:2408.06266): needs no other prompts' answers.
    case anchored = "apo_zero_unpaired"
  }

  /// One answer.
  public struct Example: Sendable, Equatable {
    public var isDesirable: Bool
    /// The reference's log-probability of the answer.
    public var reference: Double
    /// The reference's log-probability of another prompt's answer to this prompt; nil where `loss` needs none.
    public var mismatchedReference: Double?
    /// z₀, which the survey finds.
    public var divergence = 0.0

    public init(isDesirable: Bool, reference: Double, mismatchedReference: Double? = nil) {
      self.isDesirable = isDesirable
      self.reference = reference
      self.mismatchedReference = mismatchedReference
    }
  }

  public var loss: Loss
  public var beta: Double
  /// λ_D and λ_U: with n answers of each kind, λ_D n_D : λ_U n_U should be between 1 : 1 and 4 : 3.
  public var desirableWeight: Double
  public var undesirableWeight: Double

  public init(
    loss: Loss = .kto, beta: Double = 0.1, desirableWeight: Double = 1,
    undesirableWeight: Double = 1
  ) {
    self.loss = loss
    self.beta = beta
    self.desirableWeight = desirableWeight
    self.undesirableWeight = undesirableWeight
  }

  public func totals(_ example: Example, lengths: [Int]) -> BatchTotals {
    BatchTotals(examples: 1, sequences: lengths.count, tokens: lengths.reduce(0, +))
  }

  public var survey: SurveyKind { loss == .kto ? .logProbabilities : .none }

  /// The log-ratio of the mismatched answer, the only sequence of the view.
  public func observe(_ example: Example, _ view: PolicyView) -> [Double] {
    view.logProbabilities.prefix(1).map {
      summedLogProbability($0) - (example.mismatchedReference ?? 0)
    }
  }

  public func informed(
    _ examples: [Example], _ observations: [[Double]], state: [Double]
  ) -> Survey<Example> {
    let ratios = observations.compactMap(\.first)
    let divergence = max(0, ratios.reduce(0, +) * reciprocal(ratios.count))
    var found = Survey(examples: examples, state: state)
    for index in examples.indices { found.examples[index].divergence = divergence }
    return found
  }

  public func evaluate(
    _ example: Example, policy: [ArraySlice<Float>], totals: BatchTotals
  ) -> Evaluation {
    precondition(policy.count == 1, "one answer at a time, not \(policy.count)")
    let logProbability = summedLogProbability(policy[0])
    let ratio = logProbability - example.reference
    let sign = example.isDesirable ? 1.0 : -1
    let gain = sign * beta * (ratio - example.divergence)
    let weight = example.isDesirable ? desirableWeight : undesirableWeight
    let share = weight * reciprocal(totals.examples)
    let loss = (1 - sigmoid(gain)) * share
    let slope = Float(-sign * beta * sigmoidSlope(gain) * share)
    var metrics = Metrics()
    metrics.add("loss", sum: loss, weight: reciprocal(totals.examples))
    let side = example.isDesirable ? "chosen" : "rejected"
    metrics.add("rewards/\(side)", beta * ratio)
    metrics.add("logps/\(side)", logProbability)
    if self.loss == .kto { metrics.add("kl", example.divergence) }
    return Evaluation(
      loss: loss, slopes: [[Float](repeating: slope, count: policy[0].count)], metrics: metrics)
  }
}
