import ArgumentParser
import Datasets
import Foundation
import Randomness
import Text

/// Turns a data set's rows into tokens, once, so that both sides learn from the same.
struct RowsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rows", abstract: "Writes a data set's rows as tokens, in a fixed random order.")

  @Argument(help: "JSONL or JSON with conversations, prompts with completions, or texts.")
  var data: String

  @Argument(help: "Where the rows are written to.")
  var output: String

  @Option(help: "The folder of the model whose tokenizer and template are used.")
  var tokenizer: String

  @Option(help: "The layout of the rows; recognised where it is not named.")
  var format: String?

  @Option(help: "The most tokens of a row; longer ones are cut.")
  var maxLength = 1024

  @Option(help: "The most rows.")
  var limit = 2048

  func run() throws {
    let set = try RowReading(format: format, malformed: .skip).read(data)
    let encoding = try ChatTokenizer(directory: tokenizer)
    let examples = try SupervisedDataset(
      set, encoding: encoding, limit: LengthLimit(maximum: maxLength, policy: .truncate))
    let order = CoordinateRandom(seed: 1, stream: "bench/rows")
      .permutation(count: examples.sequences.count)
    let lines = try order.prefix(limit).map { index in
      let sequence = examples.sequences[index]
      let row = TokenRow(
        ids: sequence.ids,
        labels: zip(sequence.ids, sequence.isTarget).map { $1 ? $0 : -100 })
      return String(decoding: try JSONEncoder().encode(row), as: UTF8.self) + "\n"
    }
    try lines.joined().write(toFile: output, atomically: true, encoding: .utf8)
    let lengths = order.prefix(limit).map { Double(examples.sequences[$0].ids.count) }
    print(
      "\(output): \(lengths.count) rows, median \(Int(median(lengths))) tokens, longest "
        + "\(Int(lengths.max() ?? 0))")
  }
}
