import Datasets
import Kernels
import Transformers

extension TrainingDemand {
  /// Of groups of the longest completions behind the longest prompt; without one, behind the longest that is allowed.
  init(
    _ settings: PolicyGradientStage.Settings, _ shape: TransformerShape, longestPrompt: Int? = nil,
    ranks: Int
  ) {
    let positions = shape.maximumPosition
    let sampling = settings.own.sampling
    let prompt =
      longestPrompt ?? min(settings.maxLength, sampling.maxPromptLength ?? .max, positions - 1)
    let completion = max(1, min(sampling.completionLimit, positions - prompt))
    let groups = settings.batchSize
    load = StepLoad.groups(
      groups, of: sampling.numGenerations, prompt: prompt, completion: completion, settings.base)
    let drawn = (groups * settings.stepsPerGeneration + ranks - 1) / ranks
    self.sampling = SamplingMemory(
      sequences: min(sampling.generationBatchSize, drawn * sampling.numGenerations),
      samplesPerPrompt: sampling.numGenerations, promptLength: prompt, newTokens: completion,
      cacheLimit: sampling.kvCacheMemoryBytes?.bytes)
    // What a micro-batch's pass would keep, and no more; where memory is short it is computed again.
    let rows = drawn * (prompt + sampling.numGenerations * completion)
    let isOneStep = settings.own.learning.stepsPerBatch == 1 && !settings.dynamicSampling
    let isShort = settings.base.gradientCheckpointing || settings.base.memoryLimit != nil
    let isExact = Compute.decodesAsItTrains(in: settings.base.precision)
    if isOneStep, !isShort, isExact, rows <= settings.base.microBatchTokens {
      self.sampling?.recordedRows = rows
    }
  }

  /// Of completions that are given.
  init(_ settings: PolicyGradientStage.Settings, _ given: GivenRollouts) {
    let sequences = given.groups.flatMap(\.sequences)
    let longest = sequences.map(\.tokens.count).max() ?? 0
    let prompt = given.groups.map(\.prompt.ids.count).max() ?? 0
    load = StepLoad.groups(
      settings.batchSize, of: given.groups.map(\.rollouts.count).max() ?? 1, prompt: prompt,
      completion: max(1, longest - prompt), settings.base)
  }
}

extension StepLoad {
  /// A step on so many groups of completions of equal lengths.
  fileprivate static func groups(
    _ count: Int, of samples: Int, prompt: Int, completion: Int, _ settings: TrainingSettings
  ) -> StepLoad {
    var load = StepLoad()
    // Tokens that differ where prompts and completions do: rows are counted by what is alike.
    let sequences = (0..<count).flatMap { group in
      (0..<samples).map { sample in
        [
          TargetSequence(
            prompt: Array(repeating: Int32(group), count: prompt),
            completion: Array(repeating: Int32(count + sample), count: completion))
        ]
      }
    }
    load.add(step: sequences, settings)
    return load
  }
}
