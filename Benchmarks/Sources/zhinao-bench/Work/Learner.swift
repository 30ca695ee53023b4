import Collectives
import Datasets
import Kernels
import Objectives
import Training
import Transformers

/// A network that learns as the stages have it learn: their optimizer, their micro-batches, their reference.
struct Learner {
  let transformer: Transformer
  let trainer: Trainer
  /// Whether this process speaks for all ranks.
  let isFirst: Bool
  private let communicator: any Communicator
  /// `micro_batch_tokens` where a recipe does not say it.
  static let microBatchTokens = 2048

  /// With `adapter` it trains LoRA of rank 16 on every linear layer instead of all weights.
  init(_ options: WorkOptions, head: Transformer.Head = .language, adapter: Bool) throws {
    communicator = options.ranks > 1 ? try MPIWorld.join() : SingleProcess()
    isFirst = communicator.rank == 0
    transformer = try ModelDirectory(path: options.model).load(
      head: head, lowRank: adapter ? LowRankConfiguration(rank: 16, alpha: 32) : nil,
      compute: Compute(precision: options.precision.ofKernels, threads: options.threads),
      isFrozen: adapter)
    transformer.initializeAdapter(seed: 1)
    trainer = Trainer(
      transformer, optimizer: OptimizerSettings(learningRate: 1e-5),
      schedule: LearningRateSchedule(shape: .constant, totalSteps: 1 << 20),
      communicator: communicator)
  }

  /// A step of the trainer; gives its tokens.
  func step<Goal: Objective>(
    _ batch: [TrainingExample<Goal.Example>], _ objective: Goal,
    recording: ActivationRecording? = nil
  ) throws -> Int {
    let report = try trainer.step(
      batch,
      microBatches: MicroBatches.compose(
        lengths: batch.map(\.tokenCount), tokenBudget: Learner.microBatchTokens),
      objective: objective, recording: recording)
    return report.tokenCount
  }

  /// What the network without its adapter says of fixed sequences.
  func reference(_ sequences: [TargetSequence]) -> [[Float]] {
    MicroBatches.compose(
      lengths: sequences.map(\.tokens.count), tokenBudget: Learner.microBatchTokens
    ).flatMap { group in
      transformer.logProbabilities(of: group.map { sequences[$0] }, usesAdapter: false).values
    }
  }

  /// Leaves the world of ranks, where there is one.
  func close() throws {
    if let world = communicator as? MPIWorld { try world.leave() }
  }
}
