public import Objectives
public import Pipeline
import Training

/// What `grpo` adds to the settings of training: how completions are drawn, and what is learnt from them.
@dynamicMemberLookup
public struct PolicyGradientOptions: StageSettings, AdjustsDefaults {
  /// As everywhere, but for the size of a group.
  public var sampling = SamplingSettings()
  public var learning = Learning()

  public init() { sampling.numGenerations = 8 }

  public static func adjust(_ base: inout TrainingSettings) {
    base.learningRate = 1e-6
    base.lrSchedulerType = .constant
  }

  // The groups are written as one: each reads its own keys of the same mapping.
  public init(from decoder: any Decoder) throws {
    sampling = try SamplingSettings(from: decoder)
    learning = try Learning(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try sampling.encode(to: encoder)
    try learning.encode(to: encoder)
  }

  public subscript<Value>(dynamicMember path: WritableKeyPath<Learning, Value>) -> Value {
    get { learning[keyPath: path] }
    set { learning[keyPath: path] = newValue }
  }

  /// The objective's own, under TRL's names.
  public struct Learning: StageSettings {
    public var format: String?
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

    public init() {}
  }

  func problems() -> [SettingProblem] {
    var problems = sampling.problems()
    func check(
      _ isRight: Bool, _ key: String, _ found: some CustomStringConvertible, _ right: String
    ) {
      if !isRight {
        problems.append(SettingProblem(key, "\(key) is \(found), where \(right) would be right"))
      }
    }
    check(
      sampling.numGenerations >= 2, "num_generations", sampling.numGenerations,
      "2 or more: a group needs a mean")
    check(
      sampling.temperature > 0, "temperature", sampling.temperature,
      "a number above 0: greedy completions of a prompt are all the same")
    check(learning.numIterations > 0, "num_iterations", learning.numIterations, "1 or more")
    check(learning.beta >= 0, "beta", learning.beta, "0 or more")
    check((0...1).contains(learning.epsilon), "epsilon", learning.epsilon, "a number from 0 to 1")
    check(!learning.rewards.isEmpty, "rewards", "empty", "a list such as [{kind: math}]")
    return problems
  }
}
