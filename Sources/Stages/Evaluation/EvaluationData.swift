import Datasets
import Pipeline
import Randomness
import Text

/// The rows that every model is measured on.
///
/// Each model reads them with its own tokenizer and template, so they are kept as rows.
struct EvaluationData {
  let problems: RowSet?
  let prompts: RowSet?
  let pairs: RowSet?
  let text: RowSet?
  private let settings: EvaluateStage.Settings
  private let session: TrainingSession

  init(_ settings: EvaluateStage.Settings, _ session: TrainingSession) throws {
    self.settings = settings
    self.session = session
    func rows(_ slot: String) throws -> RowSet? {
      guard let path = session.context.optionalInput(slot) else { return nil }
      var rows = try session.rows(path, format: nil, malformed: settings.own.onMalformed)
      let selection = PromptSelection(
        count: rows.rows.count, limit: settings.maxSamples, seed: session.context.seed)
      rows.rows = selection.indices.map { rows.rows[$0] }
      return rows
    }
    problems = try rows("problems")
    prompts = try rows("prompts")
    pairs = try rows("pairs")
    text = try rows("text")
    guard problems != nil || prompts != nil || pairs != nil || text != nil else {
      throw BadInput(
        "there is nothing to measure with: give at least one of `problems`, `prompts`, `pairs`, `text`"
      )
    }
  }

  func problems(_ model: LanguageModel) throws -> [SamplingPrompt] {
    guard let problems else { return [] }
    let found = try asked(problems, model)
    if let row = found.first(where: { $0.answer == nil }) {
      throw BadInput(
        "\(problems.report.path): row \(row.row) has no answer, which a problem needs to be judged by"
      )
    }
    return found
  }

  func prompts(_ model: LanguageModel) throws -> [SamplingPrompt] {
    try prompts.map { try asked($0, model) } ?? []
  }

  func pairs(_ tokenizer: ChatTokenizer) throws -> [TokenPair] {
    guard let pairs else { return [] }
    return try PreferenceDataset(pairs, encoding: tokenizer, limit: limit).pairs
  }

  func text(_ tokenizer: ChatTokenizer) throws -> [TokenSequence] {
    guard let text else { return [] }
    return try SupervisedDataset(text, encoding: tokenizer, limit: limit).sequences
  }

  private var limit: LengthLimit {
    LengthLimit(maximum: settings.maxLength, policy: settings.onOverlong.policy)
  }

  private func asked(_ rows: RowSet, _ model: LanguageModel) throws -> [SamplingPrompt] {
    let longest = min(settings.maxPromptLength ?? model.longestPrompt, model.longestPrompt)
    return try PromptDataset(
      rows, encoding: model.tokenizer,
      limit: LengthLimit(maximum: longest, policy: settings.onOverlong.policy)
    ).prompts
  }
}
