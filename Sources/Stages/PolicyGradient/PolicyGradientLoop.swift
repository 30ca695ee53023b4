import Datasets
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
  let prompts: [SamplingPrompt]
  let sampler: RolloutSampler
  let reference: Transformer?

  private var objective: PolicyGradientObjective {
    PolicyGradientObjective(
      epsilonLow: settings.epsilon, epsilonHigh: settings.epsilonHigh ?? settings.epsilon,
      delta: settings.delta, beta: settings.beta, aggregation: settings.lossType,
      maximumLength: settings.own.sampling.completionLimit)
  }

  /// Trains to the last step; gives what the first and the last steps say.
  func run(_ transformer: Transformer) throws -> EndMetrics {
    transformer.checkpointsActivations = settings.gradientCheckpointing
    let batches = settings.base.totalSteps(count: prompts.count)
    let total = batches * settings.numIterations
    let trainer = Trainer(
      transformer, optimizer: settings.base.optimizer,
      schedule: settings.base.schedule(totalSteps: total), communicator: session.communicator)
    var order = BatchSampler(
      count: prompts.count, batchSize: settings.batchSize, seed: session.context.seed)
    var clock = CheckpointClock(session, settings.base)
    if try clock.store.restore(trainer) != nil {
      session.report(.note("goes on from step \(trainer.step) of \(total)"))
    }
    var ends = try EndMetrics(session, totalSteps: total)
    var tokens = 0
    while trainer.step < total {
      let start = ContinuousClock.now
      let batch = trainer.step / settings.numIterations
      let chosen = order.indices(step: batch).map { prompts[$0] }
      let rollouts = try sampler.sample(chosen, under: transformer, step: batch)
      let (examples, metrics) = try learn(chosen, rollouts, transformer)
      report(chosen, rollouts, step: trainer.step)
      for _ in 0..<settings.numIterations {
        let step = try trainer.step(
          examples,
          microBatches: MicroBatches.compose(
            lengths: examples.map(\.tokenCount), tokenBudget: settings.microBatchTokens),
          objective: objective, temperature: Float(settings.own.sampling.temperature))
        tokens += step.tokenCount
        var values = step.metrics(
          epoch: Double(batch + 1) / Double(order.stepsPerEpoch),
          seconds: (ContinuousClock.now - start).seconds)
        values.merge(metrics, uniquingKeysWith: { $1 })
        values["num_tokens"] = Double(tokens)
        try ends.add(values, step: trainer.step)
        session.report(.step(trainer.step, of: total, metrics: values))
      }
      try clock.tick(trainer, isLast: trainer.step == total)
    }
    return ends
  }

  /// The step's examples with their advantages, and what the completions say.
  private func learn(
    _ chosen: [SamplingPrompt], _ rollouts: [Rollout], _ transformer: Transformer
  ) throws -> (
    [TrainingExample<PolicyGradientObjective.Example>], OrderedDictionary<String, Double>
  ) {
    let groups = chosen.indices.map { index in
      rollouts.filter { $0.prompt == index }.map(\.reward)
    }
    let advantages = groupAdvantages(rewards: groups, scale: settings.scaleRewards).flatMap { $0 }
    let sequences = rollouts.map {
      TargetSequence(prompt: chosen[$0.prompt].ids, completion: $0.tokens)
    }
    let references = try referenceValues(sequences, transformer)
    // One step on fresh samples needs no old probabilities: the ratio is exactly one.
    let old =
      settings.numIterations > 1 ? try values(of: sequences, under: transformer) : nil
    let examples = rollouts.indices.map { index in
      TrainingExample(
        sequences: [sequences[index]],
        facts: PolicyGradientObjective.Example(
          advantage: advantages[index], old: old?[index], reference: references?[index],
          isLearned: !(settings.maskTruncatedCompletions && rollouts[index].isTruncated)))
    }
    let metrics = RolloutMetrics(
      rollouts: rollouts, groups: groups, rewardNames: settings.rewards.map(\.kind.rawValue))
    return (examples, metrics.values)
  }

  private func referenceValues(
    _ sequences: [TargetSequence], _ transformer: Transformer
  ) throws -> [[Float]]? {
    guard settings.beta > 0 else { return nil }
    return try values(of: sequences, under: reference ?? transformer, usesAdapter: false)
  }

  private func values(
    of sequences: [TargetSequence], under transformer: Transformer, usesAdapter: Bool = true
  ) throws -> [[Float]] {
    try ReferenceLogProbabilities(session: session, tokenBudget: settings.microBatchTokens).values(
      of: sequences, under: transformer, usesAdapter: usesAdapter,
      temperature: Float(settings.own.sampling.temperature))
  }

  /// One completion of each step, for people to read.
  private func report(_ chosen: [SamplingPrompt], _ rollouts: [Rollout], step: Int) {
    guard let first = rollouts.first else { return }
    session.report(
      .sample([
        "step": .integer(step), "prompt": .string(chosen[first.prompt].prompt.plainText),
        "completion": .string(first.text), "reward": .number(first.reward),
      ]))
  }
}
