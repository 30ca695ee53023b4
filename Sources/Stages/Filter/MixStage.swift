import Artifacts
public import Datasets
import JSON
import OrderedCollections
public import Pipeline
import Randomness

/// How data sets are mixed.
public struct MixSettings: StageSettings {
  /// One for each data set: what share of the rows it gives.
  ///
  /// Without, every row of every set is taken.
  public var weights: [Double]?
  /// Rows in all; by default as many as the shares allow.
  public var maxSamples: Int?
  public var stoppingStrategy = Stopping.firstExhausted
  /// The layout of all sets' rows; recognised for each where it is not named.
  public var format: String?
  public var onMalformed = MalformedPolicy.error

  public init() {}

  /// How many rows there are where `max_samples` does not say, under the names of Hugging Face's datasets.
  public enum Stopping: String, Codable, Sendable, CaseIterable {
    /// The most of which no row is repeated.
    case firstExhausted = "first_exhausted"
    /// The fewest in which every row is.
    case allExhausted = "all_exhausted"
  }
}

/// Several data sets as one, by weights, in one layout.
///
/// A set gives its rows in an order of the recipe's seed, none twice before all have been given.
public enum MixStage: Stage {
  public typealias Settings = MixSettings

  public static let kind = "mix"
  public static let revision = 1
  public static let inputs = [InputSlot("data", .dataset, .pairs, arity: .list)]
  public static let outputs = [OutputSlot("data", .dataset)]

  public static func validate(_ settings: Settings) -> [SettingProblem] {
    var problems: [SettingProblem] = []
    for (index, weight) in (settings.weights ?? []).enumerated()
    where !(weight > 0 && weight.isFinite) {
      problems.append(
        SettingProblem(
          "weights.\(index + 1)", "a weight is \(weight), where a number above 0 would be right"))
    }
    if let count = settings.maxSamples, !(1...1_000_000_000).contains(count) {
      problems.append(
        SettingProblem("max_samples", "max_samples is \(count), where 1 or more would be right"))
    }
    return problems
  }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let paths = context.inputs("data")
    if let weights = settings.weights, weights.count != paths.count {
      throw BadInput(
        "there are \(paths.count) data sets and \(weights.count) weights, where one each would be right"
      )
    }
    let session = try TrainingSession(context)
    let sets = try paths.map { path in
      let rows = try session.rows(path, format: settings.format, malformed: settings.onMalformed)
      session.report(rows.report)
      return rows
    }
    try checkKinds(sets)
    let counts = MixStage.counts(sets.map(\.rows.count), settings)
    var summary: OrderedDictionary<String, Double> = ["rows": Double(counts.reduce(0, +))]
    var text = ""
    for (index, (set, count)) in zip(sets, counts).enumerated() {
      summary["set_\(index + 1)"] = Double(count)
      for row in chosen(set.rows, count, context, index) {
        text += row.content.json.serialized(.compact) + "\n"
      }
    }
    try Files.replace("\(try context.output("data"))/data.jsonl", with: Array(text.utf8))
    context.report(.summary(summary))
  }

  /// A file has one layout, and rows that are learned in different ways have none in common.
  private static func checkKinds(_ sets: [RowSet]) throws {
    guard let first = sets.first, let kind = first.rows.first?.content.kind else { return }
    for set in sets {
      guard let other = set.rows.first(where: { $0.content.kind != kind }) else { continue }
      throw BadInput(
        "\(first.report.path) holds rows of the kind `\(kind)`, and row \(other.row) of "
          + "\(set.report.path) is a `\(other.content.kind)`: one data set has rows of one kind")
    }
  }

  /// How many rows each set gives: the shares of the total, rounded so that they add up to it, the
  /// greatest remainders first.
  static func counts(_ sizes: [Int], _ settings: Settings) -> [Int] {
    guard let weights = settings.weights else {
      guard let total = settings.maxSamples else { return sizes }
      return shares(of: total, sizes.map(Double.init))
    }
    let sum = weights.reduce(0, +)
    let totals = zip(sizes, weights).map { Double($0) * sum / $1 }
    let total: Int
    switch settings.stoppingStrategy {
    case .firstExhausted: total = Int(clamping: totals.min() ?? 0, .down)
    case .allExhausted: total = Int(clamping: totals.max() ?? 0, .up)
    }
    return shares(of: settings.maxSamples ?? total, weights)
  }

  private static func shares(of total: Int, _ weights: [Double]) -> [Int] {
    let sum = weights.reduce(0, +)
    let exact = weights.map { Double(total) * $0 / sum }
    var counts = exact.map { Int($0) }
    let order = exact.indices.sorted {
      let left = exact[$0] - exact[$0].rounded(.down)
      let right = exact[$1] - exact[$1].rounded(.down)
      return left == right ? $0 < $1 : left > right
    }
    for index in order.prefix(max(0, total - counts.reduce(0, +))) { counts[index] += 1 }
    return counts
  }

  /// All rows as often as they fit in whole, then some, drawn by the seed.
  private static func chosen(
    _ rows: [LocatedRow], _ count: Int, _ context: StageContext, _ set: Int
  ) -> [LocatedRow] {
    let (whole, rest) = count.quotientAndRemainder(dividingBy: max(1, rows.count))
    let random = CoordinateRandom(seed: context.seed, stream: "\(context.stream)/\(set)")
    let some = random.permutation(count: rows.count).prefix(rest).sorted()
    return (0..<whole).flatMap { _ in rows } + some.map { rows[$0] }
  }
}

extension Int {
  /// The nearest whole number in a direction, of a number that may be beyond any memory.
  fileprivate init(clamping value: Double, _ rule: FloatingPointRoundingRule) {
    self = Int(exactly: Swift.min(value, 1e15).rounded(rule)) ?? 0
  }
}

extension Row {
  /// In the layout that this project writes.
  var json: JSON {
    switch self {
    case .text(let text): return ["text": .string(text)]
    case .conversation(let messages): return ["messages": Prompt.messages(messages).json]
    case .completion(let prompt, let completion):
      return ["prompt": prompt.json, "completion": Row.answer(completion, to: prompt)]
    case .preference(let prompt, let chosen, let rejected, let margin):
      var json: JSON = [
        "prompt": prompt.json, "chosen": Row.answer(chosen, to: prompt),
        "rejected": Row.answer(rejected, to: prompt),
      ]
      if let margin { json["margin"] = .number(margin) }
      return json
    case .unpaired(let prompt, let completion, let label):
      return [
        "prompt": prompt.json, "completion": Row.answer(completion, to: prompt),
        "label": .bool(label),
      ]
    case .problem(let prompt, let answer, _):
      guard let answer else { return ["prompt": prompt.json] }
      return ["prompt": prompt.json, "answer": .string(answer)]
    }
  }

  /// A message behind messages, a text behind a text; one that looks like a transcript would be read
  /// as one.
  static func answer(_ text: String, to prompt: Prompt) -> JSON {
    guard case .text = prompt, !text.hasPrefix("\n\nHuman:") else {
      return [["role": "assistant", "content": .string(text)]]
    }
    return .string(text)
  }
}
