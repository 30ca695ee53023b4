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

  /// What is learnt, under TRL's names; `kl_estimator` is OpenRLHF's, `clip_ratio_c` and `max_num_gen_batches` are verl's.
  public struct Learning: StageSettings {
    public var format: String?
    public var rewards = [
      RewardSettings(kind: .math, weight: 1), RewardSettings(kind: .format, weight: 0.1),
    ]
    public var lossType = PolicyGradientLoss.dapo
    public var importanceSamplingLevel = ImportanceSamplingLevel.token
    public var epsilon = 0.2
    public var epsilonHigh: Double?
    /// The greatest ratio that counts whatever the advantage.
    public var delta: Double?
    /// The most that a token of a bad completion can cost, in advantages.
    public var clipRatioC: Double?
    /// The weight of the divergence from the reference: the input of that name, or the model that training starts from.
    public var beta = 0.0
    public var klEstimator = DivergenceEstimate.k3
    public var useBiasCorrectionKl = true
    public var advantageEstimator = AdvantageEstimator.group
    /// By default the group's deviation, or nothing where one is left out.
    public var scaleRewards: AdvantageScale?
    public var multiObjectiveAggregation = RewardAggregation.sumThenNormalize
    /// Gradient steps that share one batch of completions: it has so many times `batch_size` prompts.
    public var stepsPerGeneration = 1
    /// How often all gradient steps of a batch of completions are taken.
    public var numIterations = 1
    /// Whether completions that were cut at the limit teach nothing.
    public var maskTruncatedCompletions = false
    /// The share of tokens that teach: those of which the policy is least sure.
    public var topEntropyQuantile = 1.0
    /// Whether other prompts take the place of those whose completions all earned the same.
    public var dynamicSampling = false
    /// How many batches may be drawn for one, with `dynamic_sampling`.
    public var maxNumGenBatches = 10
    public var sapoTemperaturePos = 1.0
    public var sapoTemperatureNeg = 1.05
    /// Whether all completions, their log-probabilities, rewards and advantages become an output.
    public var saveRollouts = true

    public init() {}
  }
}

extension PolicyGradientOptions.Learning {
  func objective(longest: Int) -> PolicyGradientObjective {
    var objective = PolicyGradientObjective(lossType)
    objective.level = importanceSamplingLevel
    objective.epsilonLow = epsilon
    objective.epsilonHigh = epsilonHigh ?? epsilon
    objective.delta = delta
    objective.dualClip = clipRatioC
    objective.beta = beta
    objective.divergence = klEstimator
    objective.isDivergenceCorrected = useBiasCorrectionKl
    objective.softGate = (sapoTemperaturePos, sapoTemperatureNeg)
    objective.maximumLength = longest
    return objective
  }

  /// An advantage for each completion of each group; `scores` is a row of rewards for each completion.
  func advantages(totals: [[Double]], scores: [[[Double]]]) -> [[Double]] {
    guard multiObjectiveAggregation == .normalizeThenSum else {
      return groupAdvantages(
        rewards: totals, scale: scaleRewards ?? (advantageEstimator == .rloo ? .none : .group),
        estimator: advantageEstimator)
    }
    let tables = rewards.indices.map { reward in
      scores.map { group in group.map { $0[reward] } }
    }
    return groupAdvantages(each: tables, weights: rewards.map(\.weight))
  }

  /// Gradient steps on one batch of completions.
  var stepsPerBatch: Int { stepsPerGeneration * numIterations }
}
