import ArgumentParser
import Datasets
import JSON
import Kernels
import Transformers

/// `zhinao-align score`.
struct Score: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says how likely a model finds each completion, or what a reward model gives it.")

  @Argument(help: ModelArgument.help)
  var model: String

  @Argument(help: ArgumentHelp("Rows in any layout, JSON or JSON lines.", valueName: "file.jsonl"))
  var file: String

  @OptionGroup var base: BaseOption

  @Option(help: "The rows' layout. [default: recognised]")
  var format: String?

  @Option(help: "Threads to compute with. [default: the cores]")
  var threads: Int?

  @Flag(help: "Writes a JSON line for each row.")
  var json = false

  /// Tokens that go through the network at once.
  private static let tokenBudget = 2048

  func validate() throws {
    if let threads, !(1...4096).contains(threads) {
      throw ValidationError("--threads is from 1 to 4096, found \(threads)")
    }
  }

  func run() throws {
    let model = try ModelArgument(model, base: base.base)
    let rows = try RowReading(format: format).read(file)
    let encoder = ScoredRows(
      file: file, tokenizer: try model.chatTokenizer(), shape: model.directory.shape)
    let texts = try rows.rows.flatMap { try encoder.texts(of: $0) }
    let transformer = try model.load(
      compute: Compute(threads: threads ?? MachineLimits.threads()))
    var start = 0
    var totals = Totals()
    if !json { Console.talk("row  logprob  tokens  reward") }
    while start < texts.count {
      var end = start
      var tokens = 0
      while end < texts.count, end == start || tokens + texts[end].tokens.count <= Score.tokenBudget
      {
        tokens += texts[end].tokens.count
        end += 1
      }
      let batch = Array(texts[start..<end])
      for (text, values) in zip(batch, scores(of: batch, transformer)) {
        totals.add(values, tokens: text.completionCount)
        write(text, values)
      }
      start = end
    }
    if !json { Console.talk(totals.text) }
  }

  /// What a model says of one completion: a language model its log-probability, a reward model its
  /// reward.
  private struct Values {
    var logProbability: Double?
    var reward: Float?
  }

  private func scores(of batch: [ScoredRows.Text], _ transformer: Transformer) -> [Values] {
    if transformer.head == .score {
      return transformer.scores(of: batch.map(\.tokens)).values.map { Values(reward: $0) }
    }
    let sequences = batch.map {
      TargetSequence(tokens: $0.tokens, targets: Array($0.start..<$0.tokens.count))
    }
    return transformer.logProbabilities(of: sequences).values.map { values in
      Values(logProbability: values.reduce(0.0) { $0 + Double($1) })
    }
  }

  private func write(_ text: ScoredRows.Text, _ values: Values) {
    if json {
      var line: JSON = [
        "row": .integer(text.row),
        "logprob": values.logProbability.map { .number($0) } ?? .null,
        "tokens": .integer(text.completionCount),
        "reward": values.reward.map(JSON.init(exactly:)) ?? .null,
      ]
      if let part = text.part { line["completion"] = .string(part) }
      Console.result(line.serialized())
    } else {
      let name = text.part.map { "\(text.row) \($0)" } ?? "\(text.row)"
      let logProbability = values.logProbability.map { Amount.figure($0) } ?? "–"
      let reward = values.reward.map { Amount.figure(Double($0)) } ?? "–"
      Console.result("\(name)  \(logProbability)  \(text.completionCount)  \(reward)")
    }
  }

  private struct Totals {
    var count = 0
    var tokens = 0
    var logProbability = 0.0
    var reward = 0.0
    var isReward = false

    mutating func add(_ values: Values, tokens: Int) {
      count += 1
      self.tokens += tokens
      logProbability += values.logProbability ?? 0
      reward += Double(values.reward ?? 0)
      isReward = values.reward != nil
    }

    var text: String {
      let mean =
        isReward
        ? "mean reward \(Amount.figure(reward / Double(max(1, count))))"
        : "mean log-probability of a token \(Amount.figure(logProbability / Double(max(1, tokens))))"
      return "\(Amount.count(count, "completion")), \(mean)"
    }
  }
}
