import Artifacts
import Datasets
public import Objectives
import OrderedCollections
public import Pipeline
import Profiling
import Training
import Transformers

/// What `kto` adds to the settings of training, under TRL's names.
public struct JudgementOptions: StageSettings, AdjustsDefaults {
  public var format: String?
  /// `kto`, or `apo_zero_unpaired`, which compares with 0 instead of the policy's divergence.
  public var lossType = JudgementObjective.Loss.kto
  /// How strongly the policy is held to the reference.
  public var beta = 0.1
  public var desirableWeight = 1.0
  public var undesirableWeight = 1.0

  public init() {}

  public static func adjust(_ base: inout TrainingSettings) { base.learningRate = 1e-6 }
}

/// Kahneman–Tversky optimization (arXiv:2402.01306): learning from answers that are good or not, without pairs.
///
/// A kind of its own because its rows are: one answer and a label. Pairs can be given, too, and count as two rows.
public enum JudgementStage: Stage {
  public typealias Settings = Joined<TrainingSettings, JudgementOptions>

  public static let kind = "kto"
  // 2: tokens behind the last target are not read.
  // 3: the last block goes on with the rows that are read; with bf16 activations wait in two bytes.
  public static let revision = 3
  public static let inputs = [
    InputSlot("model", .model), InputSlot("data", .dataset, .pairs),
    InputSlot("reference", .model, arity: .optional), ReferencePreparation.slot,
  ]
  public static let outputs = [TrainingOutputs.model, TrainingOutputs.adapter]
  public static let usesRanks = true
  public static let nonSemantic = TrainingSettings.nonSemantic

  public static func outputs(for settings: Settings) -> [OutputSlot] {
    TrainingOutputs.slots(settings.base, model: TrainingOutputs.model)
  }

  public static func validate(_ settings: Settings) -> [SettingProblem] {
    var problems = settings.base.problems()
    for (key, value, isRight, right) in [
      ("beta", settings.beta, settings.beta > 0, "a number above 0"),
      (
        "desirable_weight", settings.desirableWeight, settings.desirableWeight >= 0, "0 or more"
      ),
      (
        "undesirable_weight", settings.undesirableWeight, settings.undesirableWeight >= 0,
        "0 or more"
      ),
    ] where !isRight {
      problems.append(SettingProblem(key, "\(key) is \(value), where \(right) would be right"))
    }
    return problems
  }

  public static func preparations(
    _ settings: Settings, inputs: [String: [Source]]
  ) -> [Preparation] {
    ReferencePreparation.preparations(
      .judgements, settings.base, format: settings.format, inputs: inputs)
  }

  public static func estimate(
    _ settings: Settings, _ context: StageContext
  ) throws -> StageEstimate? {
    try TrainingEstimate(settings: settings.base, context: context).estimate { input, session in
      let data = try AnswerReading(settings.base, format: settings.format).judgements(
        context.input("data"), input, session)
      return TrainingDemand(
        StepLoad(data.judgements.map { [$0.sequence] }, settings.base, seed: context.seed))
    }
  }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let session = try TrainingSession(context, bf16: settings.bf16)
    let input = try ModelInput(path: context.input("model"))
    let reading = AnswerReading(settings.base, format: settings.format)
    let data = try Profiler.measure(.data) {
      try reading.judgements(context.input("data"), input, session)
    }
    session.report(data.report)
    let own = data.judgements.map(\.sequence)
    let load = StepLoad(own.map { [$0] }, settings.base, seed: context.seed)
    let transformer = try session.network(
      input, TrainingMemory(input.directory, settings.base, TrainingDemand(load), context))
    let others = reading.mismatched(data.judgements, input)
    let values = try ReferencePreparation(
      session: session, tokenBudget: settings.microBatchTokens
    ).values(of: own + others, transformer)
    let isAsked = settings.lossType == .kto
    let examples = own.indices.map { index in
      TrainingExample(
        sequences: [own[index]],
        facts: JudgementObjective.Example(
          isDesirable: data.judgements[index].isGood,
          reference: summedLogProbability(values[index]),
          mismatchedReference: summedLogProbability(values[own.count + index])),
        probes: isAsked ? [others[index]] : [])
    }
    let ends = try TrainingLoop(session, settings.base).run(
      transformer, examples,
      objective: JudgementObjective(
        loss: settings.lossType, beta: settings.beta, desirableWeight: settings.desirableWeight,
        undesirableWeight: settings.undesirableWeight))
    try TrainingOutputs.write(transformer, from: input.directory, settings.base, session)
    var summary = ends.summary(["rewards/chosen", "rewards/rejected", "kl", "loss"])
    summary["desirable"] = Double(data.judgements.count { $0.isGood })
    summary["undesirable"] = Double(data.judgements.count { !$0.isGood })
    session.report(.summary(summary))
    try session.close()
  }
}
