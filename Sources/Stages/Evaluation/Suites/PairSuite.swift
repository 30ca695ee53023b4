import Datasets
import JSON
import OrderedCollections
import Rewards
import Text
import Transformers

/// How often a model agrees with preferences: the share of pairs whose chosen answer gains more log-probability over the
/// baseline's than the rejected one; without a baseline, is likelier.
public struct PairSuite: EvaluationSuite {
  public let name: String
  let rows: RowSet
  let limit: LengthLimit

  public struct Task: Sendable {
    var row: Int
    var pair: TokenPair
  }

  public func tasks(for model: LanguageModel) throws -> [Task] {
    try rows.located { try PreferenceDataset($0, encoding: model.tokenizer, limit: limit).pairs }
      .map { Task(row: $0.row.row, pair: $0.example) }
  }

  public func load(of task: Task) -> TaskLoad { .sequences(task.pair.sequences) }

  public func items(of tasks: ArraySlice<Task>, _ asking: SuiteAsking) throws -> [SuiteItem] {
    let sequences = tasks.flatMap(\.pair.sequences)
    try asking.model.check(sequences)
    let values = try asking.logProbabilities(of: sequences).map { row in
      row.reduce(0) { $0 + Double($1) }
    }
    return tasks.enumerated().map { index, task in
      SuiteItem(
        row: task.row,
        scores: ["logps": Score([values[2 * index], values[2 * index + 1]])])
    }
  }

  public func measures(_ items: [SuiteItem], baseline: [SuiteItem]?) -> [Measure] {
    let others = Dictionary(
      (baseline ?? []).map { ($0.row, PairSuite.margin($0)) },
      uniquingKeysWith: { first, _ in first })
    let clusters = items.map { item in
      let margin = PairSuite.margin(item) - (others[item.row] ?? 0)
      return Cluster(id: item.row, sum: margin > 0 ? 1 : margin == 0 ? 0.5 : 0)
    }
    return clusters.isEmpty ? [] : [Measure("implicit_accuracy", .share, clusters)]
  }

  /// Every pair's chosen and rejected answer, for a reward model to be tried on.
  var judgements: [(prompt: Prompt, text: String)] {
    rows.rows.flatMap { row -> [(prompt: Prompt, text: String)] in
      guard case .preference(let prompt, let chosen, let rejected, _) = row.content else {
        return []
      }
      return [(prompt, chosen), (prompt, rejected)]
    }
  }

  /// log p(chosen) − log p(rejected).
  private static func margin(_ item: SuiteItem) -> Double {
    let values = item.scores["logps"]?.values ?? []
    return values.count == 2 ? values[0] - values[1] : 0
  }
}
