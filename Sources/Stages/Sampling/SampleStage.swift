import Artifacts
import Collectives
public import Datasets
import Generation
import JSON
import OrderedCollections
public import Pipeline
import Randomness

/// What `sample` adds to how answers are drawn.
public struct SampleOptions: StageSettings, AdjustsDefaults {
  /// The layout of the rows; recognised where it is not named.
  public var format: String?
  /// The most prompts of a run, drawn by the recipe's seed; nil takes all.
  public var maxSamples: Int?
  /// Which run over the same data this is: other rounds take other prompts.
  public var round = 1
  /// What to do with a prompt that is too long.
  ///
  /// A cut prompt asks something else: `truncate` drops it.
  public var onOverlong = TrainingSettings.Overlong.error
  /// What to do with a row that is not what it should be.
  public var onMalformed = MalformedPolicy.error
  public var bf16 = false

  public init() {}

  public static func adjust(_ base: inout SamplingSettings) {}
}

/// Answers of a model to a data set's prompts, with their log-probabilities.
///
/// The work goes on in blocks of prompts, each shared by the ranks and then written down, so that an
/// interruption costs one block. A line is the same whoever computed it.
public enum SampleStage: Stage {
  public typealias Settings = Joined<SamplingSettings, SampleOptions>

  public static let kind = "sample"
  public static let revision = 2
  public static let inputs = [
    InputSlot("model", .model), InputSlot("data", .dataset, .pairs),
  ]
  public static let outputs = [OutputSlot("completions", .completions)]
  public static let usesRanks = true
  public static let nonSemantic = SamplingSettings.nonSemantic
  public static let keyedOnlyIfSet = SamplingSettings.keyedOnlyIfSet

  static let fileName = "completions.jsonl"
  /// Answers of a block: a few times what is continued at once, so that little waits for the last.
  private static let blockSize = 512

  public static func validate(_ settings: Settings) -> [SettingProblem] {
    var problems = settings.base.problems()
    if let count = settings.maxSamples, count < 1 {
      problems.append(
        SettingProblem("max_samples", "max_samples is \(count), where 1 or more would be right"))
    }
    if !(1...1_000_000).contains(settings.round) {
      problems.append(
        SettingProblem("round", "round is \(settings.round), where 1 or more would be right"))
    }
    return problems
  }

  public static func estimate(
    _ settings: Settings, _ context: StageContext
  ) throws -> StageEstimate? {
    AskingEstimate.estimate(context, bf16: settings.bf16) { path in
      let session = TrainingSession(planning: context)
      let lengths = try prompts(
        settings, LanguageModel(path: path, compute: session.compute), session
      ).map(\.ids.count)
      let block = max(1, blockSize / settings.numGenerations)
      return [
        .answers(
          SamplingMemory(
            settings.base, prompts: min(lengths.count, block), promptLength: lengths.max() ?? 1,
            ranks: context.ranks))
      ]
    }
  }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let session = try TrainingSession(context, bf16: settings.bf16)
    let model = try LanguageModel(path: context.input("model"), compute: session.compute)
    let prompts = try prompts(settings, model, session)
    let log = "\(context.work)/\(fileName)"
    var done = 0
    try session.onFirst { done = try whatIsDone(log) }
    done = try session.communicator.maximum(done)
    let sampler = PromptSampler(model, settings.base)
    let random = CoordinateRandom(seed: context.seed, stream: context.stream)
    let size = max(1, blockSize / settings.numGenerations)
    for start in stride(from: done, to: prompts.count, by: size) {
      if try session.agreesToStop() { throw Interrupted() }
      let block = prompts[start..<min(start + size, prompts.count)]
      let answers = try sampler.answers(
        to: block.map { GenerationRequest(prompt: $0.ids, promptID: UInt64($0.row)) },
        count: settings.numGenerations, random: random, communicator: session.communicator)
      let rows = zip(block, answers).map { prompt, answers in
        CompletionRow(
          row: prompt.row, prompt: prompt.prompt, answer: prompt.answer, completions: answers)
      }
      try session.onFirst { try Files.append(CompletionRow.lines(rows), to: log) }
      session.report(.progress("prompts", done: start + block.count, of: prompts.count))
    }
    try session.onFirst {
      try publish(log, settings, model, context)
      report(try CompletionRow.read(log, name: fileName), session)
    }
    try session.close()
  }

  private static func prompts(
    _ settings: Settings, _ model: LanguageModel, _ session: TrainingSession
  ) throws -> [SamplingPrompt] {
    let limit = min(settings.maxPromptLength ?? model.longestPrompt, model.longestPrompt)
    let data = try PromptDataset(
      session.rows(
        session.context.input("data"), format: settings.format, malformed: settings.onMalformed),
      encoding: model.tokenizer,
      limit: LengthLimit(maximum: limit, policy: settings.onOverlong.policy))
    session.report(data.report)
    let selection = PromptSelection(
      count: data.prompts.count, limit: settings.maxSamples, round: settings.round,
      seed: session.context.seed)
    return selection.indices.map { data.prompts[$0] }
  }

  /// How many lines of an earlier attempt are whole; a line that was being written goes.
  private static func whatIsDone(_ log: String) throws -> Int {
    guard Files.exists(log) else { return 0 }
    let bytes = try Files.read(log, limit: 1 << 34)
    let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    if end < bytes.count { try Files.replace(log, with: Array(bytes[..<end])) }
    return bytes[..<end].count { $0 == UInt8(ascii: "\n") }
  }

  private static func publish(
    _ log: String, _ settings: Settings, _ model: LanguageModel, _ context: StageContext
  ) throws {
    let output = try context.output("completions")
    try Files.copy(log, to: "\(output)/\(fileName)")
    var sampler: JSON = [
      "settings": try settings.base.record(),
      "round": .integer(settings.round), "seed": .string("\(context.seed)"),
      "stream": .string(context.stream),
      "stop_tokens": .array(model.stopTokens.map { .integer(Int($0)) }),
    ]
    for slot in ["model", "data"] {
      if let digest = context.inputDigest(slot) { sampler[slot] = .string(digest) }
    }
    try SamplerRecord(sampler).write(to: output)
  }

  private static func report(_ rows: [CompletionRow], _ session: TrainingSession) {
    let all = rows.flatMap(\.completions)
    let lengths = all.map { Double($0.completion.tokens.count) }
    session.report(
      .summary([
        "prompts": Double(rows.count), "completions": Double(all.count),
        "completions/mean_length": lengths.reduce(0, +) / Double(max(1, all.count)),
        "completions/clipped_ratio": Double(all.count { !$0.hasEnded })
          / Double(max(1, all.count)),
      ]))
    for row in rows.prefix(3) {
      var example = row
      example.completions = Array(row.completions.prefix(2))
      session.report(.sample(example.json))
    }
  }
}

extension TrainingSettings.Overlong {
  var policy: OverlongPolicy {
    switch self {
    case .error: .error
    case .drop: .drop
    case .truncate: .truncate
    }
  }
}
