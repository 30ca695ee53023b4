import Artifacts
import Datasets
import Objectives
import OrderedCollections
public import Pipeline
import Training
import Transformers

/// What `dpo` adds to the settings of training.
public struct DirectPreferenceOptions: StageSettings, AdjustsDefaults {
  public var format: String?
  /// The loss of a pair: `sigmoid`, `hinge`, `ipo` or `nca_pair`.
  public var lossType = "sigmoid"
  /// How strongly the policy is held to the reference.
  public var beta = 0.1
  /// The share of pairs that are taken to be labelled the wrong way (cDPO).
  public var labelSmoothing = 0.0
  /// What the mean −log p of the chosen answers counts for beside the preference loss (RPO).
  public var rpoAlpha = 0.0

  public init() {}

  public static func adjust(_ base: inout TrainingSettings) { base.learningRate = 1e-6 }
}

/// Direct preference optimization (arXiv:2305.18290) from pairs, of all weights or of an adapter.
///
/// The reference is the model that training starts from, or the one named: its log-probabilities are
/// computed once, before the first step.
public enum DirectPreferenceStage: Stage {
  public typealias Settings = Joined<TrainingSettings, DirectPreferenceOptions>

  public static let kind = "dpo"
  public static let revision = 1
  public static let inputs = [
    InputSlot("model", .model), InputSlot("data", .dataset, .pairs),
    InputSlot("reference", .model, arity: .optional),
    InputSlot("sampler", .model, arity: .optional),
  ]
  public static let outputs = [TrainingOutputs.model, TrainingOutputs.adapter]
  public static let usesRanks = true
  public static let nonSemantic = TrainingSettings.nonSemantic

  public static func outputs(for settings: Settings) -> [OutputSlot] {
    TrainingOutputs.slots(settings.base, model: TrainingOutputs.model)
  }

  public static func validate(_ settings: Settings) -> [SettingProblem] {
    var problems = settings.base.problems()
    if !(settings.beta > 0) {
      problems.append(
        SettingProblem("beta", "beta is \(settings.beta), where a number above 0 would be right"))
    }
    if !(0..<0.5).contains(settings.labelSmoothing) {
      problems.append(
        SettingProblem(
          "label_smoothing",
          "label_smoothing is \(settings.labelSmoothing), where 0 to below 0.5 would be right"))
    }
    do { _ = try loss(settings) } catch let problem as SettingProblem {
      problems.append(problem)
    } catch {
      problems.append(SettingProblem("loss_type", "\(error)"))
    }
    return problems
  }

  public static func estimate(
    _ settings: Settings, inputs: [String: [String]]
  ) -> StageEstimate? {
    MemoryEstimate.stage(
      settings.base, inputs: inputs, sequencesPerExample: 2,
      frozenCopies: inputs["reference"] == nil ? 0 : 1)
  }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let session = try TrainingSession(context, bf16: settings.bf16)
    try SamplerRecord.check(context, data: "data")
    let input = try ModelInput(path: context.input("model"))
    let data = try PreferenceDataset(
      session.rows(
        context.input("data"), format: settings.format, malformed: settings.onMalformed),
      encoding: input.tokenizer,
      limit: settings.base.lengthLimit(positions: input.directory.shape.maximumPosition))
    session.report(data.report)
    let pairs = data.pairs.map { pair in
      [pair.chosen, pair.rejected].map { TargetSequence(prompt: pair.prompt, completion: $0) }
    }
    let transformer = try input.load(
      lora: settings.lora, compute: session.compute, seed: context.seed)
    let reference = try referenceValues(pairs, transformer, settings, session)
    let examples = zip(pairs, reference).map { pair, reference in
      TrainingExample(sequences: pair, facts: reference)
    }
    let objective = PreferenceObjective(
      terms: [PreferenceObjective.Term(try loss(settings))], beta: settings.beta,
      likelihoodWeight: settings.rpoAlpha)
    let ends = try TrainingLoop(session, settings.base).run(
      transformer, examples, objective: objective)
    try TrainingOutputs.write(transformer, from: input.directory, settings.base, session)
    var summary = ends.summary(["rewards/accuracies", "rewards/margins", "loss"])
    summary["pairs"] = Double(pairs.count)
    session.report(.summary(summary))
    try session.close()
  }

  private static func loss(_ settings: Settings) throws -> any PreferenceLoss {
    var values = PreferenceLossSettings()
    values.labelSmoothing = settings.labelSmoothing
    guard let loss = PreferenceLosses.named(settings.lossType, values) else {
      let names = PreferenceLosses.all.map { $0.name }.joined(separator: ", ")
      throw SettingProblem(
        "loss_type", "there is no loss `\(settings.lossType)`; there are \(names)")
    }
    return loss
  }

  /// What the reference makes of each pair, by the named model or by the one that is to be trained,
  /// as it stands before its first step.
  private static func referenceValues(
    _ pairs: [[TargetSequence]], _ policy: Transformer, _ settings: Settings,
    _ session: TrainingSession
  ) throws -> [PreferenceObjective.Example] {
    let pass = ReferenceLogProbabilities(
      session: session, tokenBudget: settings.microBatchTokens)
    let values: [[Float]]
    if let path = session.context.optionalInput("reference") {
      let reference = try ModelInput(path: path).load(
        compute: session.compute, seed: session.context.seed)
      values = try pass.values(of: pairs.flatMap { $0 }, under: reference)
    } else {
      values = try pass.values(of: pairs.flatMap { $0 }, under: policy, usesAdapter: false)
    }
    return pairs.indices.map { index in
      PreferenceObjective.Example(
        referenceChosen: summedLogProbability(values[2 * index][...]),
        referenceRejected: summedLogProbability(values[2 * index + 1][...]))
    }
  }
}
