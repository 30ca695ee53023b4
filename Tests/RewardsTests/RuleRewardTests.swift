import Testing

@testable import Rewards

@Suite struct ThinkingSplitTests {
  @Test(arguments: [
    ("<think>hm</think>\nfour", "hm", "\nfour"), ("four", "", "four"),
    ("<think>never ends", "", "<think>never ends"),
    ("<think>a</think>b<think>c</think>d", "a", "d"), ("opened by the prompt</think>d", "", "d"),
    ("x</think><think>y</think>z", "y", "z"), ("", "", ""), ("<think></think>", "", ""),
  ])
  func theLastEndIsWhereTheAnswerBegins(completion: String, thinking: String, answer: String) {
    let split = ThinkingSplit(completion)
    #expect(split.thinking == thinking)
    #expect(split.answer == answer)
  }
}

@Suite struct MultipleChoiceTests {
  private func score(_ completion: String, _ answer: String? = "B") -> Double {
    MultipleChoiceReward().score(
      prompt: "", completion: completion, answer: answer, isTruncated: false)
  }

  @Test(arguments: [
    "B", "(B)", "b.", "**B**", "\\boxed{B}", "\\boxed{\\text{(B)}}", "The answer is B.",
    "The answer is (B), since A is wrong", "Answer: B", "答案是B。", "答案：B", "<think>A</think>B",
    "The answer is A. No, the answer is B",
  ])
  func theLetterIsFound(completion: String) {
    #expect(score(completion) == 1)
    #expect(score(completion, "(b)") == 1)
    #expect(score(completion, "A") == 0)
  }

  /// What says everything says nothing.
  @Test(arguments: [
    "", "A", "A B", "AB", "B or C", "A, B, C, D", "Because of B it is something else",
    "<think>B", "\\boxed{A} B", "\\boxed{B", "7", "Ж",
  ])
  func whatIsNotTheLetterIsWrong(completion: String) {
    #expect(score(completion) == 0)
  }

  @Test func aReferenceThatIsNoLetterIsNeverRight() {
    #expect(score("B", nil) == 0)
    #expect(score("17", "17") == 0)
    #expect(score("B", String(repeating: "B", count: 100_000)) == 0)
  }
}
