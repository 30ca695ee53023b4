import Datasets
import JSON
import OrderedCollections
import Pipeline
import Rewards
import Text
import Transformers

/// How well held-out rows are foretold: the loss by token, and perplexities by token, word and byte.
///
/// Only the latter two can be compared between tokenizers. Of a text every token counts and nothing else, under lm-eval's rolling
/// windows, and words and bytes are counted as there; of other rows, what training would learn.
public struct TextSuite: EvaluationSuite {
  public let name: String
  let rows: RowSet
  let limit: LengthLimit

  /// A row's tokens, for a text in windows, with the text that they write.
  public struct Task: Sendable {
    var row: Int
    var sequences: [TargetSequence]
    var text: String?
  }

  public func tasks(for model: LanguageModel) throws -> [Task] {
    let tokenizer = model.tokenizer.tokenizer
    let longest = min(limit.maximum, model.shape.maximumPosition)
    return try rows.located { rows in
      // A text is cut into windows, so that none is too long.
      let isText = rows.rows.allSatisfy { if case .text = $0.content { true } else { false } }
      return try SupervisedDataset(
        rows, encoding: model.tokenizer, limit: isText ? LengthLimit(maximum: .max) : limit
      ).sequences
    }
    .map { row, sequence in
      guard case .text(let text) = row.content else {
        let targets = sequence.isTarget.indices.filter { $0 > 0 && sequence.isTarget[$0] }
        return Task(
          row: row.row, sequences: [TargetSequence(tokens: sequence.ids, targets: targets)])
      }
      let marked = tokenizer.addsBeginning ? 1 : 0
      return Task(
        row: row.row,
        sequences: rollingWindows(
          sequence.ids.dropFirst(marked).dropLast(),
          behind: tokenizer.beginning ?? sequence.ids[sequence.ids.count - 1], longest: longest),
        text: text)
    }
  }

  public func load(of task: Task) -> TaskLoad { .sequences(task.sequences) }

  public func items(of tasks: ArraySlice<Task>, _ asking: SuiteAsking) throws -> [SuiteItem] {
    let sequences = tasks.flatMap(\.sequences)
    try asking.model.check(sequences)
    let values = try asking.logProbabilities(of: sequences)
    var next = 0
    return tasks.map { task in
      let own = values[next..<next + task.sequences.count].joined()
      next += task.sequences.count
      let loss = -own.reduce(0) { $0 + Double($1) }
      var item = SuiteItem(row: task.row)
      item.scores["loss"] = Score([loss], weight: Double(own.count))
      if let text = task.text {
        item.scores["word"] = Score([loss], weight: Double(TextSuite.words(text)))
        item.scores["byte"] = Score([loss], weight: Double(text.utf8.count))
      }
      return item
    }
  }

  /// As `re.split(r"\s+", text)` counts.
  static func words(_ text: String) -> Int {
    var count = 1
    var isSpace = false
    for scalar in text.unicodeScalars {
      if scalar.properties.isWhitespace, !isSpace { count += 1 }
      isSpace = scalar.properties.isWhitespace
    }
    return count
  }

  public func measures(_ items: [SuiteItem], baseline: [SuiteItem]?) -> [Measure] {
    var measures = [
      items.measure("loss", .mean), items.measure("perplexity", .exponential, score: "loss"),
    ]
    if items.allSatisfy({ $0.scores["word"] != nil }) {
      measures.append(items.measure("word_perplexity", .exponential, score: "word"))
      measures.append(items.measure("byte_perplexity", .exponential, score: "byte"))
    }
    return measures.compactMap { $0 }
  }
}

extension RowSet {
  /// What is read from each row, with its row, where rows may be left out.
  func located<Example>(
    _ read: (RowSet) throws -> [Example]
  ) throws -> [(row: LocatedRow, example: Example)] {
    let all = try read(self)
    if all.count == rows.count { return zip(rows, all).map { ($0, $1) } }
    return rows.compactMap { row in
      var single = self
      single.rows = [row]
      // A set of none is an error, which here says that this row was left out.
      return (try? read(single))?.first.map { (row, $0) }
    }
  }
}

extension LanguageModel {
  /// - Throws: `BadInput` for a sequence that is longer than the model has positions for.
  func check(_ sequences: [TargetSequence]) throws {
    let longest = shape.maximumPosition
    guard let found = sequences.first(where: { $0.tokens.count > longest }) else { return }
    throw BadInput(
      "a row has \(found.tokens.count) tokens, more than the \(longest) that the model has positions "
        + "for; see max_length and on_overlong")
  }
}
