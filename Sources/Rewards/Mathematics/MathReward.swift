/// 1 if the completion's final answer is mathematically the reference answer, otherwise 0.
///
/// The rule of Light-R1's and DeepScaleR's grader: the last `\boxed{…}` after the thinking, compared as text in normal form and
/// then as mathematics. Nothing is evaluated but exact arithmetic of bounded size.
public struct MathReward: Reward {
  public let name = "math"
  /// Whether a completion without `</think>` is wrong whatever it says.
  public var requiresThinking: Bool

  public init(requiresThinking: Bool = false) {
    self.requiresThinking = requiresThinking
  }

  public func score(_ sample: Sample) -> Double {
    guard let answer = sample.answer else { return 0 }
    if requiresThinking, !sample.completion.contains("</think>") { return 0 }
    guard let given = MathAnswer.extracted(from: sample.completion) else { return 0 }
    return MathAnswer.areEquivalent(given, MathAnswer.reference(answer)) ? 1 : 0
  }
}
