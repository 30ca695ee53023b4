import Artifacts
import Collectives
import Datasets
import Generation
import Pipeline
import Randomness
import Transformers

/// The answers that a round is judged by, one model in memory at a time.
struct RoundAnswers {
  let settings: CompareStage.Settings
  let session: TrainingSession
  /// Answers of a block: a few times what is continued at once, so that little waits for the last.
  private static let blockSize = 512
  /// Tokens in one pass; no number depends on it.
  private static let tokenBudget = 4096

  init(_ settings: CompareStage.Settings, _ session: TrainingSession) {
    self.settings = settings
    self.session = session
  }

  /// Whether two inputs are one model, so that it need not be asked twice.
  func isSame(_ first: String, _ second: String) -> Bool {
    let context = session.context
    if let digest = context.inputDigest(first) { return digest == context.inputDigest(second) }
    return context.optionalInput(first) == context.optionalInput(second)
  }

  /// The policy's answers, and of each the log-probability that it has over the reference's.
  ///
  /// The reference is the input of that name, or the start.
  func policy(at path: String) throws -> (rows: [CompletionRow], kl: [[Double]]) {
    let (prompts, rows) = try asked("model", at: path)
    let sequences = zip(prompts, rows).flatMap { prompt, row in
      row.completions.map { TargetSequence(prompt: prompt.ids, completion: $0.completion.tokens) }
    }
    let own = try values(of: sequences, underModelAt: path)
    let slot = session.context.optionalInput("reference") == nil ? "start" : "reference"
    let others = try values(of: sequences, underModelAt: session.context.input(slot))
    var next = 0
    let kl = rows.map { row in
      row.completions.map { _ in
        defer { next += 1 }
        return zip(own[next], others[next]).reduce(0.0) { $0 + Double($1.0) - Double($1.1) }
      }
    }
    return (rows, kl)
  }

  /// At the temperature of sampling; answers of the likeliest tokens alone at 1.
  private func values(
    of sequences: [TargetSequence], underModelAt path: String
  ) throws -> [[Float]] {
    let transformer = try ModelInput(path: path).load(
      compute: session.compute, seed: session.context.seed, isFrozen: true)
    let temperature = settings.temperature > 0 ? settings.temperature : 1
    return try ReferenceLogProbabilities(
      session: session, tokenBudget: RoundAnswers.tokenBudget
    ).values(of: sequences, under: transformer, temperature: Float(temperature))
  }

  /// A model's answers.
  func answers(_ name: String, at path: String) throws -> [CompletionRow] {
    try asked(name, at: path).rows
  }

  private func asked(
    _ name: String, at path: String
  ) throws -> (prompts: [SamplingPrompt], rows: [CompletionRow]) {
    let model = try LanguageModel(path: path, compute: session.compute)
    let prompts = try prompts(model)
    return (prompts, try answers(name, model, prompts))
  }

  /// Answers that an earlier attempt has written down are not drawn again.
  private func answers(
    _ name: String, _ model: LanguageModel, _ prompts: [SamplingPrompt]
  ) throws -> [CompletionRow] {
    let log = "\(session.context.work)/\(name).jsonl"
    let isThere = try session.communicator.maximum(session.isFirst && Files.exists(log) ? 1 : 0)
    if isThere > 0 { return try CompletionRow.read(log, name: "") }
    let sampler = PromptSampler(model, settings.base)
    let random = CoordinateRandom(seed: session.context.seed, stream: session.context.stream)
    let size = max(1, RoundAnswers.blockSize / settings.numGenerations)
    var rows: [CompletionRow] = []
    for start in stride(from: 0, to: prompts.count, by: size) {
      if try session.agreesToStop() { throw Interrupted() }
      let block = prompts[start..<min(start + size, prompts.count)]
      let answers = try sampler.answers(
        to: block.map { GenerationRequest(prompt: $0.ids, promptID: UInt64($0.row)) },
        count: settings.numGenerations, random: random, communicator: session.communicator)
      rows += zip(block, answers).map { prompt, answers in
        CompletionRow(
          row: prompt.row, prompt: prompt.prompt, answer: prompt.answer, completions: answers)
      }
      session.report(.progress(name, done: rows.count, of: prompts.count))
    }
    try session.onFirst { try Files.replace(log, with: CompletionRow.lines(rows)) }
    return rows
  }

  private func prompts(_ model: LanguageModel) throws -> [SamplingPrompt] {
    let limit = min(settings.maxPromptLength ?? model.longestPrompt, model.longestPrompt)
    let rows = try session.rows(
      session.context.input("data"), format: settings.format, malformed: settings.onMalformed)
    let data = try PromptDataset(
      rows, encoding: model.tokenizer,
      limit: LengthLimit(maximum: limit, policy: settings.onOverlong.policy))
    // Not in the order in which rounds take their prompts: these are the same in every round.
    let selection = PromptSelection(
      count: data.prompts.count, limit: settings.maxSamples, seed: session.context.seed,
      stream: "compare")
    return selection.indices.map { data.prompts[$0] }
  }
}
