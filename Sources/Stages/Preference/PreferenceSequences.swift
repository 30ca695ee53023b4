public import Datasets
public import Pipeline
import Transformers

/// Which answers a reference is asked about.
public enum AnswerKind: String, Codable, Sendable, CaseIterable {
  /// Both answers of each pair.
  case pairs
  /// Each judged answer, and another prompt's answer to the same prompt.
  case judgements
}

/// How rows become sequences, the same for a stage and for what is made before it.
public struct AnswerReading: StageSettings, Equatable {
  public var format: String?
  public var maxLength = 1024
  public var onOverlong = TrainingSettings.Overlong.error
  public var onMalformed = MalformedPolicy.error

  public init() {}

  init(_ settings: TrainingSettings, format: String?) {
    self.format = format
    maxLength = settings.maxLength
    onOverlong = settings.onOverlong
    onMalformed = settings.onMalformed
  }

  private func limit(_ input: ModelInput) -> LengthLimit {
    LengthLimit(
      maximum: max(2, min(maxLength, input.directory.shape.maximumPosition)),
      policy: onOverlong.policy)
  }

  /// The pairs of a file in the tokens of a model, and what became of its rows.
  func pairs(_ path: String, _ input: ModelInput, _ session: TrainingSession) throws
    -> (pairs: [TokenPair], report: DatasetReport)
  {
    let data = try PreferenceDataset(
      session.rows(path, format: format, malformed: onMalformed), encoding: input.tokenizer,
      limit: limit(input))
    return (data.pairs, data.report)
  }

  /// The judged answers of a file; of a pair, the chosen one is good and the rejected one is not.
  func judgements(_ path: String, _ input: ModelInput, _ session: TrainingSession) throws
    -> (judgements: [TokenJudgement], report: DatasetReport)
  {
    let rows = try session.rows(path, format: format, malformed: onMalformed)
    if case .preference? = rows.rows.first?.content {
      let data = try PreferenceDataset(rows, encoding: input.tokenizer, limit: limit(input))
      let judgements = data.pairs.flatMap { pair in
        [
          TokenJudgement(prompt: pair.prompt, answer: pair.chosen, isGood: true),
          TokenJudgement(prompt: pair.prompt, answer: pair.rejected, isGood: false),
        ]
      }
      return (judgements, data.report)
    }
    let data = try UnpairedDataset(rows, encoding: input.tokenizer, limit: limit(input))
    return (data.judgements, data.report)
  }

  /// For each judged answer the answer of the next row that has another prompt, to its own prompt.
  ///
  /// Fixed by the data's order, so that the reference's numbers can be made beforehand; the last rows go on with the first.
  /// Where all rows have one prompt, it is the next answer.
  func mismatched(_ judgements: [TokenJudgement], _ input: ModelInput) -> [TargetSequence] {
    let count = judgements.count
    let longest = limit(input).maximum
    var next = judgements.indices.map { ($0 + 1) % count }
    // Backwards twice: what comes after the last row is known only then.
    for index in Array(judgements.indices.reversed()) + judgements.indices.reversed() {
      let following = (index + 1) % count
      next[index] =
        judgements[following].prompt == judgements[index].prompt ? next[following] : following
    }
    return judgements.indices.map { index in
      let prompt = judgements[index].prompt
      let other = judgements[next[index]].prompt == prompt ? (index + 1) % count : next[index]
      return TargetSequence(
        prompt: prompt,
        completion: Array(judgements[other].answer.prefix(max(1, longest - prompt.count))))
    }
  }

  /// All sequences that a reference is asked about, in the order of rows.
  func sequences(
    _ kind: AnswerKind, _ path: String, _ input: ModelInput, _ session: TrainingSession
  ) throws -> [TargetSequence] {
    switch kind {
    case .pairs: return try pairs(path, input, session).pairs.flatMap(\.sequences)
    case .judgements:
      let judgements = try judgements(path, input, session).judgements
      return judgements.map(\.sequence) + mismatched(judgements, input)
    }
  }
}

extension TokenPair {
  /// The chosen answer behind its prompt, then the rejected one.
  var sequences: [TargetSequence] {
    [chosen, rejected].map { TargetSequence(prompt: prompt, completion: $0) }
  }
}

extension TokenJudgement {
  var sequence: TargetSequence { TargetSequence(prompt: prompt, completion: answer) }
}
