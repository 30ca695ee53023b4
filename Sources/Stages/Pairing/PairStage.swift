import Artifacts
import Datasets
import JSON
public import Pipeline

/// Preference pairs from answers with scores: the best with the worst of each prompt.
public enum PairStage: Stage {
  public typealias Settings = PairingSettings

  public static let kind = "pair"
  public static let revision = 2
  public static let inputs = [InputSlot("scores", .scores)]
  public static let outputs = [OutputSlot("pairs", .pairs)]

  static let fileName = "pairs.jsonl"

  public static func validate(_ settings: Settings) -> [SettingProblem] { settings.problems() }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let rows = try CompletionRow.read(context.input("scores"), name: ScoreStage.fileName)
    let rule = PairingRule(settings)
    var tally = PairTally()
    var seen: Set<String> = []
    var text = ""
    for row in rows {
      guard row.scores.count == row.completions.count else {
        throw BadInput(
          "row \(row.row) has \(row.completions.count) completions and \(row.scores.count) scores")
      }
      let (found, lack) = rule.pairs(row)
      let new = found.filter { seen.insert(row.words(of: $0)).inserted }
      tally.add(row, new, lack, repeated: found.count - new.count, rule)
      for pair in new { text += row.preference(pair).serialized(.compact) + "\n" }
    }
    context.report(.summary(tally.summary))
    guard !text.isEmpty else {
      throw BadInput("none of \(rows.count) prompts gives a pair: \(tally.reasons)")
    }
    let output = try context.output("pairs")
    try Files.replace("\(output)/\(fileName)", with: Array(text.utf8))
    try SamplerRecord.carry(from: context.input("scores"), to: output)
  }
}

extension CompletionRow {
  /// A row of preferences in the layout that TRL and this project read.
  ///
  /// It has no `margin`: a reward model would take the difference of another's scores for one.
  func preference(_ pair: PairingRule.Pair) -> JSON {
    [
      "prompt": prompt.json, "chosen": answer(pair.chosen), "rejected": answer(pair.rejected),
      "chosen_score": .number(scores[pair.chosen]),
      "rejected_score": .number(scores[pair.rejected]), "row": .integer(row),
    ]
  }

  /// What tells a pair from others: rows that ask the same may be answered the same.
  func words(of pair: PairingRule.Pair) -> String {
    JSON.array([prompt.json, answer(pair.chosen), answer(pair.rejected)]).serialized(.compact)
  }

  func answer(_ index: Int) -> JSON { Row.answer(completions[index].text, to: prompt) }
}
