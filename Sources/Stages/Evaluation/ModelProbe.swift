import Collectives
import Datasets
import Generation
import Pipeline
import Randomness
import Rewards
import Text
import Transformers

/// What one model says and thinks, before anyone has judged it.
struct ModelAnswers {
  var problems: [SamplingPrompt] = []
  var problemAnswers: [[SampledCompletion]] = []
  var prompts: [SamplingPrompt] = []
  var promptAnswers: [[SampledCompletion]] = []
  /// log p(chosen) − log p(rejected) of each pair.
  var pairMargins: [Double] = []
  /// The −log p of each learnt token, by row.
  var tokenLosses: [[Double]] = []
}

/// Asks a model everything; one model is in memory at a time.
struct ModelProbe {
  let session: TrainingSession
  let settings: EvaluateStage.Settings
  let data: EvaluationData
  /// Tokens in one pass; no number depends on it.
  private let tokenBudget = 4096

  /// Every model answers at the same coordinates of randomness: equal models give equal answers.
  func answers(_ path: String) throws -> ModelAnswers {
    let model = try LanguageModel(path: path, compute: session.compute)
    let sampler = PromptSampler(model, settings.base)
    var answers = ModelAnswers()
    answers.problems = try data.problems(model)
    answers.problemAnswers = try ask(
      sampler, answers.problems, count: settings.numGenerations, "problems")
    answers.prompts = try data.prompts(model)
    answers.promptAnswers = try ask(
      sampler, answers.prompts, count: settings.own.promptGenerations, "prompts")
    answers.pairMargins = try margins(model, data.pairs(model.tokenizer))
    answers.tokenLosses = try losses(model, data.text(model.tokenizer))
    return answers
  }

  private func ask(
    _ sampler: PromptSampler, _ prompts: [SamplingPrompt], count: Int, _ what: String
  ) throws -> [[SampledCompletion]] {
    let random = CoordinateRandom(
      seed: session.context.seed, stream: "\(session.context.stream)/\(what)")
    let size = max(1, 512 / count)
    var answers: [[SampledCompletion]] = []
    for start in stride(from: 0, to: prompts.count, by: size) {
      if try session.agreesToStop() { throw Interrupted() }
      let block = prompts[start..<min(start + size, prompts.count)]
      answers += try sampler.answers(
        to: block.map { GenerationRequest(prompt: $0.ids, promptID: UInt64($0.row)) },
        count: count, random: random, communicator: session.communicator)
      session.report(.progress(what, done: answers.count, of: prompts.count))
    }
    return answers
  }

  private func margins(_ model: LanguageModel, _ pairs: [TokenPair]) throws -> [Double] {
    let values = try logProbabilities(
      model,
      pairs.flatMap { pair in
        [pair.chosen, pair.rejected].map { TargetSequence(prompt: pair.prompt, completion: $0) }
      })
    return pairs.indices.map { index in
      sum(values[2 * index]) - sum(values[2 * index + 1])
    }
  }

  private func losses(_ model: LanguageModel, _ rows: [TokenSequence]) throws -> [[Double]] {
    try logProbabilities(
      model,
      rows.map { row in
        TargetSequence(
          tokens: row.ids, targets: row.isTarget.indices.filter { $0 > 0 && row.isTarget[$0] })
      }
    ).map { $0.map { -Double($0) } }
  }

  private func logProbabilities(
    _ model: LanguageModel, _ sequences: [TargetSequence]
  ) throws -> [[Float]] {
    let longest = model.transformer.shape.maximumPosition
    if let found = sequences.first(where: { $0.tokens.count > longest }) {
      throw BadInput(
        "a row has \(found.tokens.count) tokens, more than the \(longest) that the model has positions "
          + "for; see max_length and on_overlong")
    }
    guard !sequences.isEmpty else { return [] }
    return try ReferenceLogProbabilities(session: session, tokenBudget: tokenBudget).values(
      of: sequences, under: model.transformer)
  }

  private func sum(_ values: [Float]) -> Double { values.reduce(0) { $0 + Double($1) } }
}
