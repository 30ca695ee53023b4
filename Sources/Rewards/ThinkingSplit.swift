/// A completion's thinking and its answer, as 360Zhinao3's model card takes them apart.
///
/// The answer is what follows the last `</think>`, the thinking what stands in the first `<think>…</think>`. Without `</think>` all of it
/// is the answer.
public struct ThinkingSplit: Sendable, Equatable {
  public var thinking: String
  public var answer: String

  public init(_ completion: String) {
    guard let close = completion.ranges(of: "</think>").last else {
      thinking = ""
      answer = completion
      return
    }
    answer = String(completion[close.upperBound...])
    guard let open = completion.firstRange(of: "<think>"),
      let end = completion[open.upperBound...].firstRange(of: "</think>")
    else {
      thinking = ""
      return
    }
    thinking = String(completion[open.upperBound..<end.lowerBound])
  }
}
