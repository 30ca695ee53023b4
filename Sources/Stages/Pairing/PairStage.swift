import Artifacts
import Datasets
import JSON
import OrderedCollections
public import Pipeline

/// Preference pairs from answers with scores: the best with the worst of each prompt.
public enum PairStage: Stage {
  public typealias Settings = PairingSettings

  public static let kind = "pair"
  public static let revision = 1
  public static let inputs = [InputSlot("scores", .scores)]
  public static let outputs = [OutputSlot("pairs", .pairs)]

  static let fileName = "pairs.jsonl"

  public static func validate(_ settings: Settings) -> [SettingProblem] { settings.problems() }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let rows = try CompletionRow.read(context.input("scores"), name: ScoreStage.fileName)
    let rule = PairingRule(settings)
    var tally = PairTally()
    var text = ""
    for row in rows {
      guard row.scores.count == row.completions.count else {
        throw BadInput(
          "row \(row.row) has \(row.completions.count) completions and \(row.scores.count) scores")
      }
      let (pairs, lack) = rule.pairs(row)
      tally.add(row, pairs, lack)
      for pair in pairs { text += row.preference(pair).serialized(.compact) + "\n" }
    }
    context.report(.summary(tally.summary))
    guard !text.isEmpty else {
      throw BadInput("none of \(rows.count) prompts gives a pair: \(tally.reasons)")
    }
    try Files.replace("\(try context.output("pairs"))/\(fileName)", with: Array(text.utf8))
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

  /// A message behind messages, a text behind a text.
  private func answer(_ index: Int) -> JSON {
    let text = completions[index].text
    // An answer that looks like a transcript would be read as one.
    guard case .text = prompt, !text.hasPrefix("\n\nHuman:") else {
      return [["role": "assistant", "content": .string(text)]]
    }
    return .string(text)
  }
}

/// What became of the prompts.
struct PairTally {
  private var prompts = 0
  private var pairs = 0
  private var lacks: [PairingRule.Lack] = []
  private var margins: [Double] = []
  private var chosenLengths: [Double] = []
  private var rejectedLengths: [Double] = []

  mutating func add(_ row: CompletionRow, _ found: [PairingRule.Pair], _ lack: PairingRule.Lack?) {
    prompts += 1
    pairs += found.count
    if let lack { lacks.append(lack) }
    for pair in found {
      margins.append(row.scores[pair.chosen] - row.scores[pair.rejected])
      chosenLengths.append(Double(row.length(pair.chosen)))
      rejectedLengths.append(Double(row.length(pair.rejected)))
    }
  }

  private func count(_ lack: PairingRule.Lack) -> Int { lacks.count { $0 == lack } }

  var summary: OrderedDictionary<String, Double> {
    var summary: OrderedDictionary<String, Double> = [
      "prompts": Double(prompts), "pairs": Double(pairs), "margin": mean(margins),
      "chosen/mean_length": mean(chosenLengths), "rejected/mean_length": mean(rejectedLengths),
      "unused_prompts": Double(lacks.count),
    ]
    for lack in PairingRule.Lack.allCases {
      summary["unused/\(lack.rawValue)"] = Double(count(lack))
    }
    return summary
  }

  var reasons: String {
    "\(count(.answers)) have fewer than two different answers that ended, "
      + "\(count(.tie)) only answers of equal score, \(count(.margin)) only margins below "
      + "min_margin, \(count(.length)) only lengths beyond max_length_ratio"
  }
}
