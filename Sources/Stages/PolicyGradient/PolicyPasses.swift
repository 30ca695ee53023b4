import Collectives
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
    try ReferenceLogProbabilities(session: session, tokenBudget: tokenBudget).values(
      of: sequences, under: transformer, usesAdapter: usesAdapter, temperature: temperature)
  }

  /// Per sequence, the entropy at each target, in nats; as independent of the company as a log-probability.
  func entropies(
    of sequences: [TargetSequence], under transformer: Transformer
  ) throws -> [[Float]] {
    let groups = MicroBatches.compose(
      lengths: sequences.map(\.tokens.count), tokenBudget: tokenBudget)
    let own = SummationTree.leafRange(
      count: groups.count, rank: session.communicator.rank, size: session.communicator.size)
    var flat: [Double] = []
    for group in groups[own] {
      let pass = transformer.logProbabilities(
        of: group.map { sequences[$0] }, temperature: temperature, entropies: true)
      flat += pass.entropies.joined().map(Double.init)
    }
    let all = try session.communicator.allGather(doubles: flat).flatMap { $0 }
    var next = 0
    return sequences.map { sequence in
      defer { next += sequence.targets.count }
      return all[next..<next + sequence.targets.count].map(Float.init)
    }
  }
}
