public import Transformers

/// One example as training needs it: what goes through the network, and what the objective knows.
public struct TrainingExample<Facts: Sendable>: Sendable {
  /// One sequence, or two for a pair; for a score objective the targets are not read.
  public var sequences: [TargetSequence]
  public var facts: Facts
  /// Sequences that the policy is only asked about before the step, by an objective that surveys; none is `sequences`.
  public var probes: [TargetSequence]

  public init(sequences: [TargetSequence], facts: Facts, probes: [TargetSequence] = []) {
    self.sequences = sequences
    self.facts = facts
    self.probes = probes
  }

  /// Tokens that go through the network.
  public var tokenCount: Int { sequences.reduce(0) { $0 + $1.tokens.count } }
}
