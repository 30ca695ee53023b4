import Artifacts
import Datasets
import JSON
public import Pipeline
import Randomness

/// Rows that are worth learning from: by duplicates, contamination, length, pass rate and score; or
/// scored answers that pass, as rows to learn from.
///
/// Rows stay as they were written, in their order. What was left out is told row by row.
public enum FilterStage: Stage {
  public typealias Settings = FilterSettings

  public static let kind = "filter"
  public static let revision = 2
  public static let inputs = [
    InputSlot("data", .dataset, .pairs, .scores), InputSlot("scores", .scores, arity: .optional),
    InputSlot("reward", .rewardModel, arity: .optional),
    InputSlot("model", .model, .rewardModel, arity: .optional),
    InputSlot("against", .dataset, .pairs, arity: .optionalList),
  ]
  public static let outputs = [
    OutputSlot("data", .dataset), OutputSlot("eval", .dataset), OutputSlot("report", .report),
  ]
  public static let usesRanks = true

  public static func outputs(for settings: Settings) -> [OutputSlot] {
    settings.evalShare > 0 ? outputs : [outputs[0], outputs[2]]
  }

  public static func validate(_ settings: Settings) -> [SettingProblem] { settings.problems() }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let session = try TrainingSession(context, bf16: settings.bf16)
    let path = try context.input("data")
    let isAnswers = settings.format == "scores" || Files.exists("\(path)/\(ScoreStage.fileName)")
    var tally = FilterTally(unit: isAnswers ? "answers" : "rows")
    var kept =
      isAnswers
      ? try answers(path, settings, session, &tally) : try rows(path, settings, session, &tally)
    drawSome(&kept, settings, context, &tally)
    let heldOut = settings.evalShare > 0 ? kept.filter { $0.position < settings.evalShare } : []
    if settings.evalShare > 0 { kept.removeAll { $0.position < settings.evalShare } }
    tally.kept = kept.count
    tally.heldOut = heldOut.count
    session.report(.summary(tally.summary))
    for (name, rows) in [("data", kept), ("eval", heldOut)] where rows.isEmpty {
      guard name == "data" || settings.evalShare > 0 else { continue }
      throw BadInput("of \(tally.total) \(tally.unit) none is left for `\(name)`: \(tally.words)")
    }
    try session.onFirst { try publish(kept, heldOut, settings, tally, context) }
    try session.close()
  }

  /// A row that is kept, as it will be written, and where it stands in the split of prompts.
  struct Kept {
    var line: [UInt8]
    var position: Double
  }

  private static func rows(
    _ path: String, _ settings: Settings, _ session: TrainingSession, _ tally: inout FilterTally
  ) throws -> [Kept] {
    let data = try session.rows(path, format: settings.format, malformed: settings.onMalformed)
    session.report(data.report)
    let filter = RowFilter(
      settings: settings, session: session, benchmarks: try benchmarks(settings, session))
    let kept = try filter.rows(of: data, &tally)
    let lines = try RowCopy.lines(of: datasetFile(path), rows: kept.map(\.row))
    return zip(kept, lines).map { row, line in
      Kept(line: line, position: PromptSplit.position(of: row.content))
    }
  }

  private static func answers(
    _ path: String, _ settings: Settings, _ session: TrainingSession, _ tally: inout FilterTally
  ) throws -> [Kept] {
    let benchmarks = try benchmarks(settings, session)
    let selection = AnswerSelection(
      settings: settings,
      random: CoordinateRandom(seed: session.context.seed, stream: session.context.stream))
    var seen: Set<String> = []
    var kept: [Kept] = []
    for row in try CompletionRow.read(path, name: ScoreStage.fileName) {
      guard row.scores.count == row.completions.count else {
        throw BadInput(
          "row \(row.row) of \(path) has no scores: give the output of a stage `score`")
      }
      tally.read(row.completions.count)
      let question = Row.problem(prompt: row.prompt, answer: row.answer, fields: .null)
      if let match = benchmarks.match(question) {
        for index in row.completions.indices {
          tally.drop(
            .contaminated, row: row.row, answer: index,
            detail: "\(match.rule.rawValue): row \(match.row) of \(match.set)")
        }
        continue
      }
      for index in try selection.answers(of: row, &tally) {
        // Two rows may ask the same, and be answered the same.
        guard seen.insert(row.words(of: index)).inserted else {
          tally.drop(.duplicate, row: row.row, answer: index)
          continue
        }
        kept.append(
          Kept(
            line: Array(row.learned(index).serialized(.compact).utf8),
            position: PromptSplit.position(of: question)))
      }
    }
    return kept
  }

  /// The named sets that rows may not ask the same as.
  private static func benchmarks(
    _ settings: Settings, _ session: TrainingSession
  ) throws -> Decontamination {
    var benchmarks = Decontamination(runLength: settings.ngramSize)
    for path in session.context.inputs("against") {
      let rows = try session.rows(path, format: nil, malformed: settings.onMalformed)
      benchmarks.add(rows.rows, set: path.split(separator: "/").last.map(String.init) ?? path)
    }
    return benchmarks
  }

  private static func drawSome(
    _ rows: inout [Kept], _ settings: Settings, _ context: StageContext, _ tally: inout FilterTally
  ) {
    guard let limit = settings.maxSamples, rows.count > limit else { return }
    let selection = PromptSelection(
      count: rows.count, limit: limit, seed: context.seed, stream: context.stream)
    tally.dropUndrawn(rows.count - limit)
    rows = selection.indices.map { rows[$0] }
  }

  private static func publish(
    _ kept: [Kept], _ heldOut: [Kept], _ settings: Settings, _ tally: FilterTally,
    _ context: StageContext
  ) throws {
    func write(_ rows: [Kept], _ output: String) throws {
      try Files.replace(
        "\(try context.output(output))/\(output).jsonl",
        with: rows.flatMap { $0.line + [UInt8(ascii: "\n")] })
    }
    try write(kept, "data")
    if settings.evalShare > 0 { try write(heldOut, "eval") }
    // Pairs that were sampled stay their policy's.
    try SamplerRecord.carry(from: context.input("data"), to: context.output("data"))
    let report = try context.output("report")
    try Files.replace(
      "\(report)/report.json", with: Array((tally.json.serialized(.pretty) + "\n").utf8))
    try Files.replace("\(report)/dropped.jsonl", with: tally.dropped)
  }
}

extension CompletionRow {
  /// A prompt with one of its answers, in the layout `completion`.
  func learned(_ index: Int) -> JSON {
    [
      "prompt": prompt.json, "completion": answer(index), "row": .integer(row),
      "score": .number(scores[index]),
    ]
  }

  /// What tells an answer from those to other rows.
  fileprivate func words(of index: Int) -> String {
    JSON.array([prompt.json, answer(index)]).serialized(.compact)
  }
}
