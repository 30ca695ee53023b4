import Datasets
import JSON
import OrderedCollections
import Pipeline
import Rewards
import Text
import Transformers

/// How well held-out rows are foretold: the loss by token, and perplexities by token, word and byte.
///
/// Only the latter two can be compared between tokenizers. Words and bytes are counted as lm-eval counts them, over texts alone; the
/// first token of a text, before which nothing stands, has no probability and adds nothing.
public struct TextSuite: EvaluationSuite {
  public let name: String
  let rows: RowSet
  let limit: LengthLimit

  /// A row's tokens with the text that they write, where it is one.
  public struct Task: Sendable {
    var row: Int
    var sequence: TokenSequence
    var text: String?
  }

  public func tasks(for model: LanguageModel) throws -> [Task] {
    try rows.located {
      try SupervisedDataset($0, encoding: model.tokenizer, limit: limit).sequences
    }
    .map { row, sequence in
      guard case .text(let text) = row.content, sequence.ids.count < limit.maximum else {
        return Task(row: row.row, sequence: sequence)
      }
      return Task(row: row.row, sequence: sequence, text: text)
    }
  }

  public func items(of tasks: ArraySlice<Task>, _ asking: SuiteAsking) throws -> [SuiteItem] {
    let sequences = tasks.map { task in
      TargetSequence(
        tokens: task.sequence.ids,
        targets: task.sequence.isTarget.indices.filter { $0 > 0 && task.sequence.isTarget[$0] })
    }
    try asking.model.check(sequences)
    return zip(tasks, try asking.logProbabilities(of: sequences)).map { task, values in
      let loss = -values.reduce(0) { $0 + Double($1) }
      var item = SuiteItem(row: task.row)
      item.scores["loss"] = Score([loss], weight: Double(values.count))
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
    let longest = transformer.shape.maximumPosition
    guard let found = sequences.first(where: { $0.tokens.count > longest }) else { return }
    throw BadInput(
      "a row has \(found.tokens.count) tokens, more than the \(longest) that the model has positions "
        + "for; see max_length and on_overlong")
  }
}
