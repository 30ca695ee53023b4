import Datasets
public import JSON
public import Pipeline
public import Text
import Training
import Transformers

/// One step's batch as a stage would learn from it: its own rows, tokens and masks, in its own order.
public struct BatchPreview: Sendable {
  /// Tokens that the network reads in one go.
  public struct Sequence: Sendable {
    /// What it is of its example: `chosen`, `rejected`, `prompt`; empty where there is only one.
    public var label: String
    public var ids: [TokenID]
    /// By position: whether the token is learnt.
    public var isLearnt: [Bool]
  }

  /// Steps of an epoch.
  public var stepsPerEpoch: Int
  /// Of each example the sequences.
  public var examples: [[Sequence]]
  public var tokenizer: ChatTokenizer
}

extension BatchPreview {
  /// The batch of a step, counted from zero.
  ///
  /// Every row is read and encoded as the stage does it, so that what it would refuse is refused here.
  /// - Throws: `BadInput` for a kind that learns from no rows; whatever the stage throws for its data.
  public static func make(
    kind: String, settings: JSON, _ context: StageContext, step: Int
  ) throws -> BatchPreview {
    let session = try TrainingSession(context)
    switch kind {
    case SupervisedStage.kind:
      return try supervised(SettingsReading.read(settings), session, step)
    case DirectPreferenceStage.kind:
      let settings: DirectPreferenceStage.Settings = try SettingsReading.read(settings)
      return try pairs(settings.base, format: settings.own.format, session, step)
    case RewardModelStage.kind:
      let settings: RewardModelStage.Settings = try SettingsReading.read(settings)
      return try pairs(settings.base, format: settings.own.format, session, step)
    case JudgementStage.kind:
      return try judgements(SettingsReading.read(settings), session, step)
    case PolicyGradientStage.kind:
      return try prompts(SettingsReading.read(settings), session, step)
    default:
      throw BadInput(
        "a stage of the kind `\(kind)` learns from no rows: sft, reward, dpo, kto and grpo do")
    }
  }

  private static func supervised(
    _ settings: SupervisedStage.Settings, _ session: TrainingSession, _ step: Int
  ) throws -> BatchPreview {
    let input = try ModelInput(path: session.context.input("model"))
    let rows = try session.rows(
      session.context.input("data"), format: settings.format, malformed: settings.onMalformed)
    let examples = try SupervisedStage.examples(rows, input, settings, session)
    return BatchPreview(
      examples.map { $0.sequences.map { Sequence($0, label: "") } }, batchSize: settings.batchSize,
      step, session, input.tokenizer)
  }

  private static func pairs(
    _ settings: TrainingSettings, format: String?, _ session: TrainingSession, _ step: Int
  ) throws -> BatchPreview {
    let input = try ModelInput(path: session.context.input("model"))
    let data = try PreferenceDataset(
      session.rows(
        session.context.input("data"), format: format, malformed: settings.onMalformed),
      encoding: input.tokenizer,
      limit: settings.lengthLimit(positions: input.directory.shape.maximumPosition))
    session.report(data.report)
    let examples = data.pairs.map { pair in
      [("chosen", pair.chosen), ("rejected", pair.rejected)].map { label, answer in
        Sequence(TargetSequence(prompt: pair.prompt, completion: answer), label: label)
      }
    }
    return BatchPreview(
      examples, batchSize: settings.batchSize, step, session, input.tokenizer)
  }

  private static func judgements(
    _ settings: JudgementStage.Settings, _ session: TrainingSession, _ step: Int
  ) throws -> BatchPreview {
    let input = try ModelInput(path: session.context.input("model"))
    let data = try AnswerReading(settings.base, format: settings.format).judgements(
      session.context.input("data"), input, session)
    session.report(data.report)
    let examples = data.judgements.map {
      [Sequence($0.sequence, label: $0.isGood ? "desirable" : "undesirable")]
    }
    return BatchPreview(
      examples, batchSize: settings.batchSize, step, session, input.tokenizer)
  }

  private static func prompts(
    _ settings: PolicyGradientStage.Settings, _ session: TrainingSession, _ step: Int
  ) throws -> BatchPreview {
    let input = try ModelInput(path: session.context.input("model"))
    let data = try PromptDataset(
      session.rows(
        session.context.input("data"), format: settings.format,
        malformed: settings.base.onMalformed),
      encoding: input.tokenizer, limit: PolicyGradientStage.promptLimit(settings, input))
    session.report(data.report)
    return BatchPreview(
      data.prompts.map { [Sequence(TargetSequence(tokens: $0.ids, targets: []), label: "prompt")] },
      batchSize: settings.base.batchSize, step, session, input.tokenizer)
  }

  private init(
    _ examples: [[Sequence]], batchSize: Int, _ step: Int, _ session: TrainingSession,
    _ tokenizer: ChatTokenizer
  ) {
    var sampler = BatchSampler(
      count: examples.count, batchSize: batchSize, seed: session.context.seed)
    self.init(
      stepsPerEpoch: sampler.stepsPerEpoch,
      examples: sampler.indices(step: step).map { examples[$0] }, tokenizer: tokenizer)
  }
}

extension BatchPreview.Sequence {
  fileprivate init(_ sequence: TargetSequence, label: String) {
    var isLearnt = [Bool](repeating: false, count: sequence.tokens.count)
    for target in sequence.targets { isLearnt[target] = true }
    self.init(label: label, ids: sequence.tokens, isLearnt: isLearnt)
  }
}
