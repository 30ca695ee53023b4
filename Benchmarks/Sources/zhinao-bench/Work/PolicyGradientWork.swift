import Kernels
import Objectives
import Training
import Transformers

/// Steps of group relative policy optimization of an adapter, with a divergence from the reference.
struct PolicyGradientWork: Workload {
  private let options: WorkOptions
  private let learner: Learner
  private let policy: Policy
  private let tokens: MadeTokens
  private let objective: PolicyGradientObjective
  /// As the stage has it where a step's tokens are no more than a micro-batch's.
  private let recording: ActivationRecording?
  private var clock = PartClock()

  init(_ options: WorkOptions) throws {
    self.options = options
    learner = try Learner(options, adapter: !options.full)
    let rows = options.batch * (options.prompt + options.samples * options.answer)
    recording =
      rows <= Learner.microBatchTokens
        && Compute.decodesAsItTrains(in: options.precision.ofKernels)
      ? ActivationRecording() : nil
    policy = Policy(learner.transformer, answer: options.answer, recording: recording)
    tokens = MadeTokens("grpo", vocabulary: learner.transformer.shape.vocabularySize)
    var objective = PolicyGradientObjective(.dapo)
    objective.beta = 0.04
    objective.maximumLength = options.answer
    self.objective = objective
  }

  var parts: [String: Double] { clock.seconds }

  mutating func step(_ index: Int) throws -> Int {
    let prompts = (0..<options.batch).map {
      tokens.row($0, step: index, count: options.prompt)
    }
    let answers = try clock.time("sampling") {
      try policy.answers(to: prompts, samples: options.samples, step: index)
    }
    let rewards = answers.map(checksumReward)
    let groups = prompts.indices.map {
      Array(rewards[$0 * options.samples..<($0 + 1) * options.samples])
    }
    let advantages = groupAdvantages(rewards: groups, scale: .group, estimator: .group)
      .flatMap { $0 }
    let sequences = answers.indices.map {
      TargetSequence(prompt: prompts[$0 / options.samples], completion: answers[$0])
    }
    let values = clock.time("reference") { learner.reference(sequences) }
    let examples = sequences.indices.map {
      TrainingExample(
        sequences: [sequences[$0]],
        facts: PolicyGradientObjective.Example(
          advantage: advantages[$0], reference: values[$0]))
    }
    _ = try clock.time("step") { try learner.step(examples, objective, recording: recording) }
    return answers.reduce(0) { $0 + $1.count }
  }
}
