public import Generation
public import JSON
import Text

/// An answer: its tokens and what they say.
public struct SampledCompletion: Sendable, Equatable {
  /// Without the token or the text that ended it, and without other control tokens.
  public var text: String
  public var completion: Completion

  public init(text: String, completion: Completion) {
    self.text = text
    self.completion = completion
  }

  /// Whether the model ended it itself.
  public var hasEnded: Bool { completion.finishReason == .stop }
}

extension SampledCompletion {
  /// As `completions.jsonl` holds it; log-probabilities keep every bit.
  public var json: JSON {
    [
      "text": .string(text), "tokens": .array(completion.tokens.map { .integer(Int($0)) }),
      "logprobs": .array(completion.logProbabilities.map { .number(Double($0)) }),
      "finish_reason": .string(completion.finishReason.rawValue),
    ]
  }

  /// Reads what `json` wrote, or less: a text alone is an answer that ended.
  ///
  /// Nil where it is none.
  public init?(_ json: JSON) {
    if let text = json.string {
      self.init(
        text: text, completion: Completion(tokens: [], logProbabilities: [], finishReason: .stop))
      return
    }
    guard let text = json["text"]?.string else { return nil }
    let tokens = json["tokens"]?.array ?? []
    let ids = tokens.compactMap { $0.int.flatMap { Int32(exactly: $0) } }
    let logs = (json["logprobs"]?.array ?? []).compactMap { $0.double.map(Float.init) }
    let reason = json["finish_reason"]?.string ?? Completion.FinishReason.stop.rawValue
    guard ids.count == tokens.count, logs.isEmpty || logs.count == ids.count,
      let reason = Completion.FinishReason(rawValue: reason)
    else { return nil }
    self.init(
      text: text, completion: Completion(tokens: ids, logProbabilities: logs, finishReason: reason))
  }
}
