/// What a batch is looked at for before it is learned from: a forward pass more, without a way back.
///
/// Sorting over a batch, a mean over its rewards, an estimate of a divergence: each is a number of the *global* batch that
/// depends on the policy. Taken from a micro-batch or from one rank's share it would change with their number.
public enum SurveyKind: Sendable, Equatable {
  /// The batch's totals are enough.
  case none
  /// The log-probabilities of the completions.
  case logProbabilities
  /// Those, and at each completion token log Σ π², how concentrated the policy is there.
  case concentrations
}

/// What the policy makes of one example before a step.
public struct PolicyView: Sendable {
  /// For each sequence, the log-probability of each completion token.
  public var logProbabilities: [[Float]]
  /// For each sequence and completion token log Σ_v π(v)², at most 0; empty unless asked for.
  public var concentrations: [[Float]]

  public init(logProbabilities: [[Float]], concentrations: [[Float]] = []) {
    self.logProbabilities = logProbabilities
    self.concentrations = concentrations
  }
}

/// What a survey found.
public struct Survey<Example: Sendable>: Sendable {
  public var examples: [Example]
  /// What the next step's survey is given.
  public var state: [Double]

  public init(examples: [Example], state: [Double] = []) {
    self.examples = examples
    self.state = state
  }
}
