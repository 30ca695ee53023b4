import Collectives
import Datasets
import Transformers

/// Scores of fixed sequences under a reward model, by all ranks.
struct SequenceScores {
  let session: TrainingSession
  /// Tokens in one pass; a score is the same bits in any.
  var tokenBudget = 4096

  /// One score a sequence, in their order, the same on every rank.
  func values(of sequences: [[Int32]], under transformer: Transformer) throws -> [Double] {
    let groups = MicroBatches.compose(lengths: sequences.map(\.count), tokenBudget: tokenBudget)
    let own = SummationTree.leafRange(
      count: groups.count, rank: session.communicator.rank, size: session.communicator.size)
    let scores = groups[own].flatMap { group in
      transformer.scores(of: group.map { sequences[$0] }).values.map(Double.init)
    }
    return try session.communicator.allGather(doubles: scores).flatMap { $0 }
  }
}
