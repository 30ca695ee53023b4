import ArgumentParser
import Generation
import JSON
import Stages
import Text

/// How tokens are drawn.
struct SamplingOptions: ParsableArguments {
  @Option(help: "The most tokens of an answer.")
  var maxNewTokens = 256

  @Option(
    help: "Above 0 draws, 0 always takes the likeliest token. [default: the model's, else 1]")
  var temperature: Double?

  @Option(help: "Draws from the likeliest tokens that together have this probability.")
  var topP: Double?

  @Option(help: "Draws from this many of the likeliest tokens; 0 is all.")
  var topK: Int?

  @Option(help: "The same seed draws the same answers.")
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      """
      The most that keys and values may take: fewer answers are drawn at once to keep within it, and none \
      is another.
      """, valueName: "size"),
    transform: { text in
      guard let size = MemorySize(text) else {
        throw ValidationError(
          "--kv-cache-memory-bytes is a size such as 4GiB or 500MB, found \(text)")
      }
      return size
    })
  var kvCacheMemoryBytes: MemorySize?

  @Option(name: .customShort("n", allowingJoined: false), help: .hidden)
  var shortCount: Int?

  @Option(name: .customLong("n"), help: "Answers to each prompt.")
  var count: Int?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("A text that ends an answer. May be given again.", valueName: "text"))
  var stop: [String] = []

  var n: Int { count ?? shortCount ?? 1 }

  func validate() throws {
    func check(_ isRight: Bool, _ option: String, _ found: Any, _ right: String) throws {
      if !isRight { throw ValidationError("\(option) is \(right), found \(found)") }
    }
    try check((1...1_000_000).contains(maxNewTokens), "--max-new-tokens", maxNewTokens, "1 or more")
    if let temperature {
      try check((0...100).contains(temperature), "--temperature", temperature, "from 0 to 100")
    }
    if let topP { try check(topP > 0 && topP <= 1, "--top-p", topP, "above 0 and at most 1") }
    if let topK { try check(topK >= 0, "--top-k", topK, "0 or more") }
    try check((1...100_000).contains(n), "--n", n, "1 or more")
  }

  /// The command line goes before the model's own settings, and these before plain sampling.
  func parameters(_ model: ModelArgument, _ tokenizer: ChatTokenizer) -> SamplingParameters {
    let own = model.generationConfiguration
    func number(_ key: String, _ range: ClosedRange<Double>) -> Double? {
      own?[key]?.double.flatMap { range.contains($0) ? $0 : nil }
    }
    return SamplingParameters(
      maximumNewTokens: maxNewTokens,
      temperature: temperature ?? number("temperature", 0...100) ?? 1,
      topK: topK ?? number("top_k", 0...1e6).map { Int($0) } ?? 0,
      topP: topP ?? number("top_p", 1e-6...1) ?? 1,
      stopTokens: model.stopTokens(tokenizer),
      vocabularyLimit: tokenizer.tokenizer.vocabularySize)
  }
}
