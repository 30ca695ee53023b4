import Datasets
import Generation
import Objectives
import Pipeline
import Profiling
import Randomness
import Text
import Transformers

/// Makes the completions of a generation: draws prompts, samples, rewards; draws others in the place of those that teach nothing.
struct RolloutSampler {
  let session: TrainingSession
  let settings: PolicyGradientStage.Settings
  let prompts: [SamplingPrompt]
  let tokenizer: ChatTokenizer
  let stopTokens: [TokenID]
  let scorer: AnswerScorer
  /// What the step on these completions need not compute again.
  var recording: ActivationRecording?

  /// The order in which prompts are drawn, in batches.
  var order: BatchSampler {
    BatchSampler(
      count: prompts.count, batchSize: settings.batchSize, seed: session.context.seed)
  }

  /// A generation whose prompts begin at a place in the order of the data, the same on every rank.
  func batch(_ index: Int, from start: Int, under transformer: Transformer) throws -> RolloutBatch {
    var batch = RolloutBatch(index: index, groups: [], start: start, end: start)
    var order = order
    let wanted = settings.batchSize * settings.stepsPerGeneration
    var last: [RolloutGroup] = []
    var drawn = 0
    for _ in 0..<(settings.dynamicSampling ? settings.maxNumGenBatches : 1) {
      let next = batch.end..<batch.end + settings.stepsPerGeneration
      batch.end = next.upperBound
      let chosen = next.flatMap { order.indices(step: $0) }.map { prompts[$0] }
      last = try rewarded(sample(chosen, under: transformer, generation: index, first: drawn))
      drawn += last.count
      batch.groups += settings.dynamicSampling ? last.filter { hasSignal($0.rewards) } : last
      if batch.groups.count >= wanted { break }
    }
    if settings.dynamicSampling { batch.groups = Array(batch.groups.prefix(wanted)) }
    // None tells anything: the step has a gradient of zero, but for the divergence.
    if batch.groups.isEmpty { batch.groups = last }
    batch.dropped = drawn - batch.groups.count
    return batch
  }

  /// `first` counts the prompts of this generation that were sampled before: each has randomness of its own.
  private func sample(
    _ prompts: [SamplingPrompt], under transformer: Transformer, generation: Int, first: Int
  ) throws -> [RolloutGroup] {
    // The last step's activations and the packed weights need not stand beside each other.
    transformer.releaseActivations()
    let model = LanguageModel(
      transformer, tokenizer: tokenizer, stopTokens: stopTokens, recording: recording)
    let answers = try PromptSampler(model, settings.own.sampling).answers(
      to: prompts.indices.map { index in
        GenerationRequest(prompt: prompts[index].ids, promptID: UInt64(first + index))
      }, count: settings.own.sampling.numGenerations,
      random: CoordinateRandom(
        seed: session.context.seed, stream: "\(session.context.stream)/step-\(generation)"),
      communicator: session.communicator)
    return zip(prompts, answers).map { prompt, answers in
      RolloutGroup(prompt: prompt, rollouts: answers.map { Rollout(answer: $0) })
    }
  }

  /// The groups with the rewards that their completions earn.
  func rewarded(_ groups: [RolloutGroup]) throws -> [RolloutGroup] {
    let scores = try Profiler.measure(.rewards) {
      try scorer.scores(of: groups.flatMap(\.rewarded))
    }
    var groups = groups
    var next = 0
    for group in groups.indices {
      for index in groups[group].rollouts.indices {
        groups[group].rollouts[index].scores = scores.map { $0[next] }
        groups[group].rollouts[index].reward = scorer.total(scores.map { $0[next] })
        next += 1
      }
    }
    return groups
  }
}

extension Prompt {
  /// What was asked, as plain text.
  var plainText: String {
    switch self {
    case .text(let text): text
    case .messages(let messages): messages.map(\.content).joined(separator: "\n")
    }
  }
}
