import Artifacts
import OrderedCollections
public import Pipeline
import Transformers

/// How answers are read and a reference is asked.
public struct ReferenceOptions: StageSettings, AdjustsDefaults {
  /// Both answers of pairs, or answers judged one by one.
  public var answers = AnswerKind.pairs
  public var bf16 = false
  /// Tokens that go through the network at once.
  public var microBatchTokens = 2048

  public init() {}

  public static func adjust(_ base: inout AnswerReading) {}
}

/// How likely a model finds the answers of a data set: made once, and kept for every loss and β that compares with them.
///
/// `dpo` and `kto` have it run before them where they need a reference that stays as it is.
public enum ReferenceStage: Stage {
  public typealias Settings = Joined<AnswerReading, ReferenceOptions>

  public static let kind = "reference"
  public static let revision = 1
  public static let inputs = [
    InputSlot("model", .model), InputSlot("data", .dataset, .pairs),
    InputSlot("tokenizer", .model, arity: .optional),
  ]
  public static let outputs = [OutputSlot("log_probabilities", .files)]
  public static let usesRanks = true
  public static let usesRandomness = false
  public static let nonSemantic: Set<String> = ["micro_batch_tokens"]

  public static func validate(_ settings: Settings) -> [SettingProblem] {
    var problems: [SettingProblem] = []
    for (key, value, range) in [
      ("max_length", settings.maxLength, 2...(1 << 24)),
      ("micro_batch_tokens", settings.microBatchTokens, 32...(1 << 24)),
    ] where !range.contains(value) {
      problems.append(
        SettingProblem(key, "\(key) is \(value), where \(range.lowerBound) or more would be right"))
    }
    return problems
  }

  public static func estimate(
    _ settings: Settings, _ context: StageContext
  ) throws -> StageEstimate? {
    AskingEstimate.estimate(context, bf16: settings.bf16) { path in
      let sequences = try sequences(
        settings, ModelInput(path: path), TrainingSession(planning: context))
      return [.passes(StepLoad(passes: sequences, tokenBudget: settings.microBatchTokens))]
    }
  }

  /// In the policy's tokens: a reference may have a template of its own, or none.
  private static func sequences(
    _ settings: Settings, _ model: ModelInput, _ session: TrainingSession
  ) throws -> [TargetSequence] {
    let tokens = try session.context.optionalInput("tokenizer").map { try ModelInput(path: $0) }
    return try settings.base.sequences(
      settings.answers, session.context.input("data"), tokens ?? model, session)
  }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let session = try TrainingSession(context, bf16: settings.bf16)
    let model = try ModelInput(path: context.input("model"))
    let sequences = try sequences(settings, model, session)
    let longest = sequences.map(\.tokens.count).max() ?? 0
    let shape = model.directory.shape
    let largest = sequences.lazy.flatMap(\.tokens).max() ?? 0
    guard longest <= shape.maximumPosition, Int(largest) < shape.vocabularySize else {
      throw BadInput(
        "the reference has \(shape.vocabularySize) tokens and \(shape.maximumPosition) positions, and "
          + "the data have token \(largest) and a row of \(longest): it is no reference for this model"
      )
    }
    let transformer = try model.load(
      compute: session.compute, seed: context.seed, isFrozen: true)
    let values = try ReferenceLogProbabilities(
      session: session, tokenBudget: settings.microBatchTokens
    ).values(of: sequences, under: transformer)
    try session.onFirst {
      try ReferenceFile.write(values, of: sequences, to: try context.output("log_probabilities"))
    }
    session.report(
      .summary([
        "sequences": Double(sequences.count), "tokens": Double(values.reduce(0) { $0 + $1.count }),
      ]))
    try session.close()
  }
}

/// The reference of a stage that compares with one: how it is had before the first step.
struct ReferencePreparation {
  static let slot = InputSlot("ref_log_probs", .files, arity: .optional)

  /// The stage that makes the log-probabilities, unless the recipe gives them.
  static func preparations(
    _ answers: AnswerKind, _ settings: TrainingSettings, format: String?,
    inputs: [String: [Source]]
  ) -> [Preparation] {
    guard inputs[slot.name, default: []].isEmpty else { return [] }
    var reference = ReferenceStage.Settings()
    reference.base = AnswerReading(settings, format: format)
    reference.own.answers = answers
    reference.own.bf16 = settings.bf16
    reference.own.microBatchTokens = settings.microBatchTokens
    guard let written = try? SettingsReading<ReferenceStage.Settings>.resolved(reference) else {
      return []
    }
    let model = inputs["model", default: []]
    let other = inputs["reference", default: []]
    var given = [(slot: "data", sources: inputs["data", default: []])]
    given.append(("model", other.isEmpty ? model : other))
    if !other.isEmpty { given.append(("tokenizer", model)) }
    return [
      Preparation(
        slot: slot.name, name: "reference", kind: ReferenceStage.kind, inputs: given,
        settings: written)
    ]
  }

  let session: TrainingSession
  let tokenBudget: Int

  /// What the reference says of each sequence: from the file that was given, by the named model, or by the policy without its
  /// adapter as it stands before its first step.
  func values(of sequences: [TargetSequence], _ policy: Transformer) throws -> [[Float]] {
    let pass = ReferenceLogProbabilities(session: session, tokenBudget: tokenBudget)
    if let folder = session.context.optionalInput(ReferencePreparation.slot.name) {
      let values = try ReferenceFile.read(folder, for: sequences)
      if session.context.optionalInput("reference") == nil {
        try checkStart(sequences, values, pass, policy)
      }
      return values
    }
    if let path = session.context.optionalInput("reference") {
      let reference = try ModelInput(path: path).load(
        compute: session.compute, seed: session.context.seed, isFrozen: true)
      return try pass.values(of: sequences, under: reference)
    }
    let values = try pass.values(of: sequences, under: policy, usesAdapter: false)
    try checkStart(sequences, values, pass, policy)
    return values
  }

  /// Where policy and reference are one model, they must agree on every token to the last bit.
  ///
  /// Then every log-ratio is exactly 0 and the first loss known: ln 2 for `sigmoid`. Anything else is a
  /// reference of another model, of other tokens or of another arithmetic, which training would hide.
  private func checkStart(
    _ sequences: [TargetSequence], _ reference: [[Float]], _ pass: ReferenceLogProbabilities,
    _ policy: Transformer
  ) throws {
    let count = min(8, sequences.count)
    let found = try pass.values(of: Array(sequences.prefix(count)), under: policy)
    for index in 0..<count where found[index] != reference[index] {
      let (ours, theirs) = (found[index], reference[index])
      let token = zip(ours, theirs).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
      throw BadInput(
        "before step 1 policy and reference are one model, and have to agree to the last bit; of answer "
          + "\(index + 1), token \(token + 1), the policy says \(ours[token]) and the reference "
          + "\(theirs[token]), so that the first loss would not be that of equal models: the reference's "
          + "log-probabilities are of another model or of another setting")
    }
  }
}
