import Datasets
import Objectives
import OrderedCollections
import Pipeline
import Training
import Transformers

/// What a stage does around the steps of its training.
struct StepHooks<Facts: Sendable> {
  /// Before the last checkpoint is taken up.
  var begin: (Trainer) throws -> Void = { _ in }
  /// With each batch, before its step.
  var prepare: ([TrainingExample<Facts>]) throws -> [TrainingExample<Facts>] = { $0 }
  /// Behind each step, before it may be saved.
  var finish: (Trainer) throws -> Void = { _ in }
}

/// Epochs over a fixed set of examples: what sft, reward and dpo have in common.
struct TrainingLoop {
  let session: TrainingSession
  let settings: TrainingSettings
  /// Parts the order of the data from that of other stages.
  let seed: UInt64

  init(_ session: TrainingSession, _ settings: TrainingSettings) {
    self.session = session
    self.settings = settings
    seed = session.context.seed
  }

  /// Trains from the last checkpoint, or from the beginning, to the last step.
  ///
  /// - Returns: what the first and the last steps say, for the closing table.
  func run<Goal: Objective>(
    _ transformer: Transformer, _ examples: [TrainingExample<Goal.Example>], objective: Goal,
    hooks: StepHooks<Goal.Example> = StepHooks()
  ) throws -> EndMetrics {
    let total = settings.totalSteps(count: examples.count)
    let trainer = Trainer(
      transformer, optimizer: settings.optimizer, schedule: settings.schedule(totalSteps: total),
      communicator: session.communicator)
    var sampler = BatchSampler(count: examples.count, batchSize: settings.batchSize, seed: seed)
    var clock = CheckpointClock(session, settings)
    try hooks.begin(trainer)
    if try clock.store.restore(trainer) != nil {
      session.report(.note("goes on from step \(trainer.step) of \(total)"))
    }
    var ends = try EndMetrics(session, totalSteps: total)
    var tokens = 0
    while trainer.step < total {
      let start = ContinuousClock.now
      let batch = try hooks.prepare(sampler.indices(step: trainer.step).map { examples[$0] })
      let report = try trainer.step(
        batch,
        microBatches: MicroBatches.compose(
          lengths: batch.map(\.tokenCount), tokenBudget: settings.microBatchTokens),
        objective: objective)
      try hooks.finish(trainer)
      tokens += report.tokenCount
      var metrics = report.metrics(
        epoch: Double(trainer.step) / Double(sampler.stepsPerEpoch),
        seconds: (ContinuousClock.now - start).seconds)
      metrics["num_tokens"] = Double(tokens)
      try ends.add(metrics, step: trainer.step)
      if trainer.step % settings.loggingSteps == 0 || trainer.step == total {
        session.report(.step(trainer.step, of: total, metrics: metrics))
      }
      try clock.tick(trainer, isLast: trainer.step == total)
    }
    return ends
  }
}
