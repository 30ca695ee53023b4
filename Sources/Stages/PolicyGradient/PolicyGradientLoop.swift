import Datasets
import Generation
import JSON
import Objectives
import OrderedCollections
import Pipeline
import Training
import Transformers

/// Sample, reward, compare within groups, step; repeat.
struct PolicyGradientLoop {
  let session: TrainingSession
  let settings: PolicyGradientStage.Settings
  let sampler: RolloutSampler
  /// What is learnt from instead of sampling, where it was given.
  let given: GivenRollouts?
  let reference: Transformer?
  let archive: RolloutArchive

  private var temperature: Float { Float(settings.own.sampling.temperature) }
  private var passes: PolicyPasses {
    PolicyPasses(
      session: session, tokenBudget: settings.microBatchTokens, temperature: temperature)
  }

  /// Gradient steps in all: of every pass over the prompts as many as it has batches, each as often as is asked for.
  private var totalSteps: Int {
    let count = given?.groups.count ?? sampler.prompts.count
    return settings.base.maxSteps
      ?? settings.base.totalSteps(count: count) * settings.numIterations
  }

  /// Batches of completions that all these steps learn from.
  var generations: Int {
    (totalSteps + settings.own.learning.stepsPerBatch - 1) / settings.own.learning.stepsPerBatch
  }

  /// Trains to the last step; gives what the first and the last steps say.
  func run(_ transformer: Transformer) throws -> EndMetrics {
    let total = totalSteps
    let trainer = Trainer(
      transformer, optimizer: settings.base.optimizer,
      schedule: settings.base.schedule(totalSteps: total), communicator: session.communicator)
    var clock = CheckpointClock(session, settings.base)
    var place = 0
    if let extra = try clock.store.restore(trainer) {
      place = extra["batches"]?.int ?? 0
      session.report(.note("goes on from step \(trainer.step) of \(total)"))
    }
    var ends = try EndMetrics(session, totalSteps: total)
    var batch: RolloutBatch?
    var tokens = 0
    while trainer.step < total {
      let start = ContinuousClock.now
      let generation = trainer.step / settings.own.learning.stepsPerBatch
      let current: RolloutBatch
      if let batch, batch.index == generation {
        current = batch
      } else {
        current = try self.batch(generation, from: place, trainer)
      }
      batch = current
      place = current.end
      let report = try step(trainer, current)
      tokens += report.tokenCount
      var values = report.metrics(
        epoch: epoch(current), seconds: (ContinuousClock.now - start).seconds)
      values.merge(metrics(current), uniquingKeysWith: { $1 })
      values["num_tokens"] = Double(tokens)
      try ends.add(values, step: trainer.step)
      session.report(.step(trainer.step, of: total, metrics: values))
      try clock.tick(trainer, isLast: trainer.step == total) { ["batches": .integer(place)] }
    }
    return ends
  }

  /// The completions of a generation: those that an earlier attempt sampled, those that were given, or new ones.
  private func batch(_ index: Int, from place: Int, _ trainer: Trainer) throws -> RolloutBatch {
    let isUnderWay = trainer.step % settings.own.learning.stepsPerBatch != 0
    var batch: RolloutBatch
    if let written = try archive.read(index), isUnderWay || written.start == place {
      batch = written
    } else if isUnderWay {
      throw TrainingError.checkpoint(
        path: session.context.work + "/rollouts",
        reason: "the completions that step \(trainer.step) learns from are not there")
    } else {
      batch = try made(index, from: place, trainer.transformer)
      try archive.write(batch)
      report(batch, step: trainer.step)
    }
    try addReferences(&batch, trainer.transformer)
    return batch
  }

  private func made(
    _ index: Int, from place: Int, _ transformer: Transformer
  ) throws -> RolloutBatch {
    var batch: RolloutBatch
    if let given {
      batch = given.batch(index, size: settings.batchSize * settings.stepsPerGeneration)
      if !batch.groups.allSatisfy(\.isScored) { batch.groups = try sampler.rewarded(batch.groups) }
    } else {
      batch = try sampler.batch(index, from: place, under: transformer)
    }
    let advantages = settings.own.learning.advantages(
      totals: batch.groups.map(\.rewards),
      scores: batch.groups.map { $0.rollouts.map(\.scores) })
    for group in batch.groups.indices {
      for rollout in batch.groups[group].rollouts.indices {
        batch.groups[group].rollouts[rollout].advantage = advantages[group][rollout]
      }
    }
    // One step on fresh samples needs no old probabilities: the ratio is exactly one.
    if settings.own.learning.stepsPerBatch > 1, batch.rollouts.contains(where: { $0.old == nil }) {
      let old = try passes.logProbabilities(of: batch.sequences, under: transformer)
      batch.assign(old) { $0.old = $1 }
    }
    return batch
  }

  private func addReferences(_ batch: inout RolloutBatch, _ transformer: Transformer) throws {
    guard settings.beta > 0 else { return }
    let values = try passes.logProbabilities(
      of: batch.sequences, under: reference ?? transformer, usesAdapter: false)
    batch.assign(values) { $0.reference = $1 }
  }

  /// One gradient step on the part of the completions whose turn it is.
  private func step(_ trainer: Trainer, _ batch: RolloutBatch) throws -> StepReport {
    let position = trainer.step % settings.own.learning.stepsPerBatch
    let groups = batch.part(
      position % settings.stepsPerGeneration, of: settings.stepsPerGeneration)
    let rollouts = groups.flatMap(\.rollouts)
    let sequences = groups.flatMap(\.sequences)
    let kept = try keptTokens(rollouts, sequences, trainer.transformer)
    let examples = rollouts.indices.map { index in
      TrainingExample(
        sequences: [sequences[index]],
        facts: PolicyGradientObjective.Example(
          advantage: rollouts[index].advantage, old: rollouts[index].old,
          reference: rollouts[index].reference, sampled: sampled(rollouts[index]),
          isLearned: isLearned(rollouts[index]), isKept: kept?[index]))
    }
    let report = try trainer.step(
      examples,
      microBatches: MicroBatches.compose(
        lengths: examples.map(\.tokenCount), tokenBudget: settings.microBatchTokens),
      objective: settings.own.learning.objective(longest: settings.own.sampling.completionLimit),
      temperature: temperature, recording: sampler.recording)
    if position == 0, given == nil { try assertOnPolicy(report, step: trainer.step - 1) }
    return report
  }

  private func isLearned(_ rollout: Rollout) -> Bool {
    !(settings.maskTruncatedCompletions && rollout.isTruncated)
  }

  private func sampled(_ rollout: Rollout) -> [Float]? {
    let values = rollout.answer.completion.logProbabilities
    return values.isEmpty ? nil : values
  }

  /// Which tokens the policy is least sure of, over the whole batch; nil where all are learnt from.
  private func keptTokens(
    _ rollouts: [Rollout], _ sequences: [TargetSequence], _ transformer: Transformer
  ) throws -> [[Bool]]? {
    guard settings.topEntropyQuantile < 1 else { return nil }
    let entropies = try passes.entropies(of: sequences, under: transformer)
    return topEntropyTokens(
      rollouts.indices.map { isLearned(rollouts[$0]) ? entropies[$0] : nil },
      share: settings.topEntropyQuantile)
  }

  /// The first step on completions that this policy has just sampled has ratios of exactly 1, to the last bit.
  private func assertOnPolicy(_ report: StepReport, step: Int) throws {
    guard let least = report.metrics["ratio/min"], let greatest = report.metrics["ratio/max"] else {
      return
    }
    guard least == 1, greatest == 1 else {
      throw OffPolicy(step: step, least: least, greatest: greatest)
    }
  }

  private func epoch(_ batch: RolloutBatch) -> Double {
    guard let given else { return Double(batch.end) / Double(sampler.order.stepsPerEpoch) }
    return Double(batch.end) / Double(given.groups.count)
  }

  private func metrics(_ batch: RolloutBatch) -> OrderedDictionary<String, Double> {
    var values = RolloutMetrics(batch: batch, rewardNames: sampler.scorer.titles).values
    if settings.dynamicSampling {
      values["dynamic_sampling/drawn"] = Double(batch.groups.count + batch.dropped)
      values["dynamic_sampling/dropped"] = Double(batch.dropped)
    }
    return values
  }

  /// One completion of each generation, for people to read.
  private func report(_ batch: RolloutBatch, step: Int) {
    guard let group = batch.groups.first, let first = group.rollouts.first else { return }
    session.report(
      .sample([
        "step": .integer(step), "prompt": .string(group.prompt.prompt.plainText),
        "completion": .string(first.answer.text), "reward": .number(first.reward),
      ]))
  }
}

/// A defect: what is learnt from was not sampled by the policy that learns, though it should have been.
struct OffPolicy: Error, CustomStringConvertible {
  let step: Int
  let least: Double
  let greatest: Double

  var description: String {
    "the first gradient step on fresh completions (step \(step)) has ratios from \(least) to "
      + "\(greatest), where exactly 1 would be right"
  }
}

extension RolloutBatch {
  var sequences: [TargetSequence] { groups.flatMap(\.sequences) }

  /// Gives every completion its value, in their order.
  mutating func assign<Value>(_ values: [Value], _ give: (inout Rollout, Value) -> Void) {
    var next = 0
    for group in groups.indices {
      for rollout in groups[group].rollouts.indices {
        give(&groups[group].rollouts[rollout], values[next])
        next += 1
      }
    }
  }
}
