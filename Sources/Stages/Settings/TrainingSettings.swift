public import Datasets
import Kernels
public import Pipeline
public import Training

/// What every kind of training has: TRL's names where the meaning is TRL's.
public struct TrainingSettings: StageSettings {
  public var learningRate = 2e-5
  public var lrSchedulerType = LearningRateSchedule.Shape.linear
  /// Share of the steps that climb to the learning rate; `warmup_steps` goes before it.
  public var warmupRatio = 0.0
  public var warmupSteps: Int?
  public var numTrainEpochs = 1.0
  /// Steps in all; goes before `num_train_epochs`.
  public var maxSteps: Int?
  /// Rows, pairs or prompts in one optimizer step, over all ranks.
  public var batchSize = 8
  /// Tokens in one micro-batch, the atom of work.
  ///
  /// It changes sums, and so belongs to the recipe.
  public var microBatchTokens = 2048
  public var adamBeta1 = 0.9
  public var adamBeta2 = 0.999
  public var adamEpsilon = 1e-8
  public var weightDecay = 0.0
  public var maxGradNorm = 1.0
  /// The most tokens of a row.
  public var maxLength = 1024
  public var onOverlong = Overlong.error
  /// What to do with a row that is not what it should be.
  public var onMalformed = MalformedPolicy.error
  public var gradientCheckpointing = false
  /// The most memory that a rank may take; layers are computed again to keep within it.
  public var memoryLimit: MemorySize?
  /// Multiplies in bfloat16 with float32 sums; the weights stay float32.
  public var bf16 = false
  public var lora: LowRankSettings?
  /// Writes the merged model beside an adapter.
  public var mergeAdapter = true
  /// Steps between checkpoints; 0 saves by the clock alone.
  public var saveSteps = 0
  /// Minutes between checkpoints.
  public var saveMinutes = 2.0
  /// Steps between lines of progress.
  public var loggingSteps = 1

  public init() {}

  /// Settings that cannot change a result.
  static let nonSemantic: Set<String> = [
    "memory_limit", "save_steps", "save_minutes", "logging_steps",
  ]

  /// What to do with a row of more than `max_length` tokens.
  public enum Overlong: String, Codable, Sendable, CaseIterable {
    case error
    case drop
    case truncate
  }
}

extension TrainingSettings {
  var optimizer: OptimizerSettings {
    OptimizerSettings(
      learningRate: learningRate, beta1: adamBeta1, beta2: adamBeta2, epsilon: adamEpsilon,
      weightDecay: weightDecay, maximumGradientNorm: maxGradNorm)
  }

  /// How many steps a run over `count` examples has.
  func totalSteps(count: Int) -> Int {
    maxSteps ?? Int((numTrainEpochs * Double((count + batchSize - 1) / batchSize)).rounded(.up))
  }

  func schedule(totalSteps: Int) -> LearningRateSchedule {
    LearningRateSchedule(
      shape: lrSchedulerType,
      warmupSteps: warmupSteps ?? Int((warmupRatio * Double(totalSteps)).rounded(.up)),
      totalSteps: totalSteps)
  }

  /// The most tokens of an example: what the recipe says, and no more than the model has positions.
  func lengthLimit(positions: Int) -> LengthLimit {
    LengthLimit(maximum: max(2, min(maxLength, positions)), policy: onOverlong.policy)
  }

  /// What is wrong with values that are of the right type.
  func problems() -> [SettingProblem] {
    var problems = lora?.problems() ?? []
    func check(
      _ isRight: Bool, _ key: String, _ found: some CustomStringConvertible, _ right: String
    ) {
      if !isRight {
        problems.append(SettingProblem(key, "\(key) is \(found), where \(right) would be right"))
      }
    }
    check(learningRate > 0 && learningRate < 10, "learning_rate", learningRate, "a number above 0")
    check((0..<1).contains(warmupRatio), "warmup_ratio", warmupRatio, "a share from 0 to 1")
    check((warmupSteps ?? 0) >= 0, "warmup_steps", warmupSteps ?? 0, "0 or more")
    check(
      numTrainEpochs > 0 && numTrainEpochs < 1e6, "num_train_epochs", numTrainEpochs, "more than 0")
    check((maxSteps ?? 1) > 0, "max_steps", maxSteps ?? 0, "1 or more")
    check((1...1_000_000).contains(batchSize), "batch_size", batchSize, "1 or more")
    check(
      (32...(1 << 24)).contains(microBatchTokens), "micro_batch_tokens", microBatchTokens,
      "32 or more")
    check((0..<1).contains(adamBeta1), "adam_beta1", adamBeta1, "a number from 0 to below 1")
    check((0..<1).contains(adamBeta2), "adam_beta2", adamBeta2, "a number from 0 to below 1")
    check(adamEpsilon > 0, "adam_epsilon", adamEpsilon, "a number above 0")
    check(weightDecay >= 0, "weight_decay", weightDecay, "0 or more")
    check(maxGradNorm >= 0, "max_grad_norm", maxGradNorm, "0 (no clipping) or more")
    check((2...(1 << 24)).contains(maxLength), "max_length", maxLength, "2 or more")
    check(saveSteps >= 0, "save_steps", saveSteps, "0 or more")
    check(saveMinutes > 0, "save_minutes", saveMinutes, "more than 0")
    check(loggingSteps > 0, "logging_steps", loggingSteps, "1 or more")
    return problems
  }
}

extension TrainingSettings {
  /// What products multiply.
  var precision: Precision { bf16 ? .bfloat16 : .float32 }
}
