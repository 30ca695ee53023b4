import Datasets
import Pipeline

/// Which rows of a data set are kept, test after test, the cheap ones first.
struct RowFilter {
  let settings: FilterSettings
  let session: TrainingSession
  let benchmarks: Decontamination

  private var context: StageContext { session.context }

  /// The kept rows in their order; the others go into the tally.
  func rows(of data: RowSet, _ tally: inout FilterTally) throws -> [LocatedRow] {
    tally.read(data.rows.count)
    var rows = data.rows
    dropDuplicates(&rows, &tally)
    dropContaminated(&rows, &tally)
    try dropByLength(&rows, &tally)
    try dropByPassRate(&rows, &tally)
    try dropByScore(&rows, &tally)
    return rows
  }

  private func dropDuplicates(_ rows: inout [LocatedRow], _ tally: inout FilterTally) {
    guard settings.deduplicate != .none else { return }
    var first: [[String]: Int] = [:]
    rows.removeAll { row in
      let words = settings.deduplicate == .row ? row.content.words : row.content.questions
      if let earlier = first[words] {
        tally.drop(.duplicate, row: row.row, detail: "as row \(earlier)")
        return true
      }
      first[words] = row.row
      return false
    }
  }

  private func dropContaminated(_ rows: inout [LocatedRow], _ tally: inout FilterTally) {
    rows.removeAll { row in
      guard let match = benchmarks.match(row.content) else { return false }
      tally.drop(
        .contaminated, row: row.row,
        detail: "\(match.rule.rawValue): row \(match.row) of \(match.set)")
      return true
    }
  }

  private func dropByLength(_ rows: inout [LocatedRow], _ tally: inout FilterTally) throws {
    guard settings.minLength != nil || settings.maxLength != nil else { return }
    guard let model = context.optionalInput("model") else {
      throw BadInput(
        "min_length and max_length count tokens: give a model, whose tokenizer and template count, as the "
          + "input `model`")
    }
    let tokenizer = try ModelInput(path: model).tokenizer
    var kept: [LocatedRow] = []
    for row in rows {
      let count: Int
      do { count = try row.content.tokenCount(tokenizer) } catch {
        throw BadInput("row \(row.row): \(error)")
      }
      if count < settings.minLength ?? 0 {
        tally.drop(.tooShort, row: row.row, detail: "\(count) tokens")
      } else if count > settings.maxLength ?? .max {
        tally.drop(.tooLong, row: row.row, detail: "\(count) tokens")
      } else {
        kept.append(row)
      }
    }
    rows = kept
  }

  /// By a model's answers to the rows, as Light-R1 finds what is neither solved nor hopeless.
  private func dropByPassRate(_ rows: inout [LocatedRow], _ tally: inout FilterTally) throws {
    guard let path = context.optionalInput("scores") else {
      guard settings.minPassRate != nil || settings.maxPassRate != nil else { return }
      throw BadInput(
        "min_pass_rate and max_pass_rate want answers that were scored: give the output of a stage of the "
          + "kind `score` as the input `scores`")
    }
    try checkData(of: path)
    var answered: [Int: CompletionRow] = [:]
    for row in try CompletionRow.read(path, name: ScoreStage.fileName) { answered[row.row] = row }
    var kept: [LocatedRow] = []
    for row in rows {
      guard let answers = answered[row.row] else {
        tally.drop(.notSampled, row: row.row)
        continue
      }
      guard answers.prompt == row.content.prompt else {
        throw BadInput(
          "row \(row.row) of `scores` answers something else than row \(row.row) of `data`")
      }
      let rate = try settings.passRate(answers)
      if let reason = settings.objection(toPassRate: rate) {
        tally.drop(reason, row: row.row, detail: "pass rate \(rate)")
      } else {
        kept.append(row)
      }
    }
    rows = kept
  }

  /// Rows are told by their numbers, which mean another thing in another file.
  private func checkData(of scores: String) throws {
    guard let sampled = try SamplerRecord(in: scores)?.data, let own = context.inputDigest("data"),
      sampled != own
    else { return }
    throw BadInput(
      "the answers in `scores` are to other data (\(sampled.prefix(12))) than `data` "
        + "(\(own.prefix(12))): sample them again from the same file")
  }

  private func dropByScore(_ rows: inout [LocatedRow], _ tally: inout FilterTally) throws {
    guard settings.minScore != nil || settings.maxScore != nil || settings.minMargin != nil else {
      return
    }
    guard let path = context.optionalInput("reward") else {
      throw BadInput(
        "min_score, max_score and min_margin want a reward model as the input `reward`, or scored answers "
          + "as `data`")
    }
    let scores = try RewardModelScorer(path: path, session).scores(
      of: rows.flatMap(\.content.scored))
    var next = 0
    var kept: [LocatedRow] = []
    for row in rows {
      let count = row.content.scored.count
      guard count > 0 else {
        throw BadInput(
          "row \(row.row) is a \(row.content.kind), which has no answer that a reward model could score"
        )
      }
      let own = scores[next..<next + count]
      next += count
      if let (reason, detail) = objection(Array(own)) {
        tally.drop(reason, row: row.row, detail: detail)
      } else {
        kept.append(row)
      }
    }
    rows = kept
  }

  /// `scores` are the answer's, or the better and the worse answer's.
  private func objection(_ scores: [Double]) -> (FilterTally.Reason, String)? {
    if scores[0] < settings.minScore ?? -.infinity { return (.scoreBelow, "score \(scores[0])") }
    if scores[0] > settings.maxScore ?? .infinity { return (.scoreAbove, "score \(scores[0])") }
    guard let least = settings.minMargin, scores.count > 1, scores[0] - scores[1] < least else {
      return nil
    }
    return (.marginBelow, "margin \(scores[0] - scores[1])")
  }
}

extension Row {
  /// The prompt with each answer that a reward model scores, a pair's better one first.
  fileprivate var scored: [(prompt: Prompt, text: String)] {
    guard let prompt, let answer else { return [] }
    guard case .preference(_, _, let rejected, _) = self else { return [(prompt, answer)] }
    return [(prompt, answer), (prompt, rejected)]
  }
}
