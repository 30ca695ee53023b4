public import Objectives
public import Pipeline
import Training

/// What `grpo` adds to the settings of training, under TRL's names.
public struct PolicyGradientOptions: StageSettings, AdjustsDefaults {
  public var format: String?
  /// Completions of each prompt: the group whose mean is the baseline.
  public var numGenerations = 8
  public var maxCompletionLength = 256
  public var temperature = 1.0
  public var topP = 1.0
  public var topK = 0
  public var minP = 0.0
  /// Gradient steps on each batch of completions.
  public var numIterations = 1
  /// The weight of the divergence from the reference, which is the model that training starts from.
  public var beta = 0.0
  public var epsilon = 0.2
  public var epsilonHigh: Double?
  /// The greatest ratio that counts whatever the advantage.
  public var delta: Double?
  public var lossType = PolicyGradientObjective.Aggregation.tokens
  public var scaleRewards = AdvantageScale.group
  /// Whether completions that were cut at the limit teach nothing.
  public var maskTruncatedCompletions = false
  public var rewards = [
    RewardSettings(kind: .math, weight: 1), RewardSettings(kind: .format, weight: 0.1),
  ]
  /// Completions that are sampled at once.
  public var generationBatchSize = 64

  public init() {}

  public static func adjust(_ base: inout TrainingSettings) {
    base.learningRate = 1e-6
    base.lrSchedulerType = .constant
  }

  func problems() -> [SettingProblem] {
    var problems: [SettingProblem] = []
    func check(
      _ isRight: Bool, _ key: String, _ found: some CustomStringConvertible, _ right: String
    ) {
      if !isRight {
        problems.append(SettingProblem(key, "\(key) is \(found), where \(right) would be right"))
      }
    }
    check(numGenerations >= 2, "num_generations", numGenerations, "2 or more: a group needs a mean")
    check(maxCompletionLength > 0, "max_completion_length", maxCompletionLength, "1 or more")
    check(temperature > 0, "temperature", temperature, "a number above 0")
    check(topP > 0 && topP <= 1, "top_p", topP, "a number above 0, at most 1")
    check(topK >= 0, "top_k", topK, "0 (all tokens) or more")
    check((0..<1).contains(minP), "min_p", minP, "a number from 0 to below 1")
    check(numIterations > 0, "num_iterations", numIterations, "1 or more")
    check(beta >= 0, "beta", beta, "0 or more")
    check((0...1).contains(epsilon), "epsilon", epsilon, "a number from 0 to 1")
    check(generationBatchSize > 0, "generation_batch_size", generationBatchSize, "1 or more")
    check(!rewards.isEmpty, "rewards", "empty", "a list such as [{kind: math}]")
    return problems
  }
}
