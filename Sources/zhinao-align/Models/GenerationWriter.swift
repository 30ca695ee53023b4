import Generation
import JSON
import Text

/// Turns completions into what the user sees: text while it comes, or JSON lines.
final class GenerationWriter {
  private let tokenizer: Tokenizer
  private let stops: [String]
  /// Tokens that end an answer and are not shown.
  private let hidden: Set<Int32>
  private let isStreaming: Bool
  /// The text of the one answer that is streamed.
  private var streamed: AnswerText

  init(tokenizer: Tokenizer, stops: [String], hidden: Set<Int32>, isStreaming: Bool) {
    self.tokenizer = tokenizer
    self.stops = stops
    self.hidden = hidden
    self.isStreaming = isStreaming
    streamed = AnswerText(tokenizer, stops)
  }

  /// Shows each token as it comes, if only one answer is wanted, and ends an answer at a stop text.
  var stopCondition: (() -> Generator.StopCondition)? {
    if !isStreaming && stops.isEmpty { return nil }
    return { [self] in
      guard !isStreaming else {
        return { [self] token in
          Console.stream(shown(streamed.push(token)))
          return streamed.isStopped
        }
      }
      var text = AnswerText(tokenizer, stops)
      return { token in
        _ = text.push(token)
        return text.isStopped
      }
    }
  }

  /// The rest of a streamed answer, or the whole of another.
  func finish(_ completion: Completion) {
    if isStreaming {
      Console.result(shown(streamed.finish()))
    } else {
      Console.result(shown(text(of: completion)))
    }
  }

  /// `{"prompt", "completion", "tokens", "logprobs", "finish_reason"}`.
  func line(_ completion: Completion, prompt: JSON) -> JSON {
    [
      "prompt": prompt, "completion": .string(text(of: completion)),
      "tokens": .array(completion.tokens.map { .integer(Int($0)) }),
      "logprobs": .array(completion.logProbabilities.map(JSON.init(exactly:))),
      "finish_reason": .string(completion.finishReason.rawValue),
    ]
  }

  private func text(of completion: Completion) -> String {
    var text = AnswerText(tokenizer, stops)
    var tokens = completion.tokens[...]
    if let last = tokens.last, hidden.contains(last) { tokens = tokens.dropLast() }
    var whole = ""
    for token in tokens { whole += text.push(token) }
    return whole + text.finish()
  }

  /// What may be written where standard output goes.
  private func shown(_ text: String) -> String {
    Console.isTerminal(1) ? text.printable(keepingLines: true) : text
  }
}

/// An answer's text as its tokens come, up to a stop text.
struct AnswerText {
  private var decoder: StreamingDecoder
  private var stop: StopText

  init(_ tokenizer: Tokenizer, _ stops: [String]) {
    decoder = tokenizer.streamingDecoder(skippingSpecials: true)
    stop = StopText(stops)
  }

  var isStopped: Bool { stop.isStopped }

  mutating func push(_ token: Int32) -> String { stop.push(decoder.push(token)) }

  mutating func finish() -> String {
    let last = stop.push(decoder.finish())
    return last + stop.finish()
  }
}

extension JSON {
  /// The number that a Float's shortest text reads: 0.1, not 0.10000000149011612; null if none.
  init(exactly value: Float) {
    self = value.isFinite ? Double("\(value)").map { .number($0) } ?? .null : .null
  }
}
