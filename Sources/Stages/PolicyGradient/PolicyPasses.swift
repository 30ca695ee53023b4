import Datasets
import Transformers

/// What a network says of a batch's completions, computed by all ranks together.
struct PolicyPasses {
  let session: TrainingSession
  /// Tokens in one pass.
  let tokenBudget: Int
  let temperature: Float

  /// Per sequence, the log-probability of each target.
  func logProbabilities(
    of sequences: [TargetSequence], under transformer: Transformer, usesAdapter: Bool = true
  ) throws -> [[Float]] {
    try passes.values(
      of: sequences, under: transformer, usesAdapter: usesAdapter, temperature: temperature)
  }

  /// Per sequence, the entropy at each target, in nats; as independent of the company as a log-probability.
  func entropies(
    of sequences: [TargetSequence], under transformer: Transformer
  ) throws -> [[Float]] {
    try passes.values(of: sequences) { group in
      transformer.logProbabilities(of: group, temperature: temperature, entropies: true).entropies
    }
  }

  private var passes: ReferenceLogProbabilities {
    ReferenceLogProbabilities(session: session, tokenBudget: tokenBudget)
  }
}
