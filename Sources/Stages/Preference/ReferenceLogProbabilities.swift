import Collectives
import Datasets
import Transformers

/// Log-probabilities of fixed sequences under a fixed model, computed once by all ranks.
struct ReferenceLogProbabilities {
  let session: TrainingSession
  /// Tokens in one pass.
  let tokenBudget: Int

  /// Per sequence, the log-probability of each target.
  ///
  /// A sequence's numbers are the same bits alone and in any batch, so neither the budget nor the
  /// number of ranks shows in them.
  func values(
    of sequences: [TargetSequence], under transformer: Transformer, usesAdapter: Bool = true,
    temperature: Float = 1
  ) throws -> [[Float]] {
    let groups = MicroBatches.compose(
      lengths: sequences.map(\.tokens.count), tokenBudget: tokenBudget)
    let own = SummationTree.leafRange(
      count: groups.count, rank: session.communicator.rank, size: session.communicator.size)
    var flat: [Double] = []
    for group in groups[own] {
      let pass = transformer.logProbabilities(
        of: group.map { sequences[$0] }, temperature: temperature, usesAdapter: usesAdapter)
      flat += pass.values.joined().map(Double.init)
    }
    let all = try session.communicator.allGather(doubles: flat).flatMap { $0 }
    var next = 0
    return sequences.map { sequence in
      defer { next += sequence.targets.count }
      return all[next..<next + sequence.targets.count].map(Float.init)
    }
  }
}
