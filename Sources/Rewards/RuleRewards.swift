/// 1 for `<think>…</think>` and then an answer, each once; otherwise 0.
///
/// The opening tag may stand at the prompt's end instead, where templates of reasoning models put it.
public struct FormatReward: Reward {
  public let name = "format"

  public init() {}

  public func score(_ sample: Sample) -> Double {
    var text = Substring(sample.completion).trimmed
    if text.hasPrefix("<think>") {
      text = text.dropFirst(7)
    } else if !Substring(sample.prompt).trimmed.hasSuffix("<think>") {
      return 0
    }
    guard !sample.isTruncated, let close = text.firstRange(of: "</think>") else { return 0 }
    let thought = text[..<close.lowerBound]
    let answer = text[close.upperBound...]
    let isWellFormed =
      !thought.trimmed.isEmpty && !answer.trimmed.isEmpty && !text.contains("<think>")
      && !answer.contains("</think>")
    return isWellFormed ? 1 : 0
  }
}

/// 1 if the answer that the completion ends in is, letter for letter, the reference answer; otherwise 0.
public struct ExactMatchReward: Reward {
  public let name = "exact_match"

  public init() {}

  public func score(_ sample: Sample) -> Double {
    guard let answer = sample.answer else { return 0 }
    let given = MathAnswer.extracted(from: sample.completion)
    let whole = MathAnswer.afterThinking(sample.completion).map { String($0.trimmed) }
    let expected = MathAnswer.reference(answer)
    return given == expected || whole == expected ? 1 : 0
  }
}

extension Substring {
  var trimmed: Substring {
    var text = self
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
