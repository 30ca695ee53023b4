import Testing

@testable import Rewards

@Suite struct RewardTests {
  private func sample(_ tokens: [Int]) -> Sample { Sample(completion: "", tokens: tokens) }

  /// TRL's own figures: longest 100, cache 20; 50 → 0, 90 → −0.5, 110 → −1.
  @Test func overlongCompletionsArePunishedAlongALine() {
    let reward = LengthReward(maximumLength: 100, cache: 20)
    for (length, expected) in [(50, 0.0), (80, 0), (90, -0.5), (100, -1), (110, -1)] {
      #expect(reward.score(sample([Int](repeating: 1, count: length))) == expected)
    }
  }

  /// Five fives have four bigrams of which one is distinct: −¾; and so on, TRL's own figures.
  @Test(arguments: [
    ([5, 5, 5, 5, 5], 2, -1.0, -0.75), ([1, 2, 1, 2, 1, 2], 2, -1, -0.6),
    ([1, 2, 3, 1, 2, 3], 2, -1, -0.4), ([1, 2, 3, 1, 2, 3], 3, -1, -0.25),
    ([5, 5, 5, 5, 5], 2, -0.5, -0.375), ([1], 2, -1, 0), ([], 2, -1, 0),
  ])
  func repetitionIsTheShareOfNGramsSeenBefore(
    tokens: [Int], size: Int, penalty: Double, expected: Double
  ) {
    let reward = RepetitionReward(size: size, penalty: penalty)
    #expect(abs(reward.score(sample(tokens)) - expected) < 1e-15)
  }

  /// ½ + ¼(1 + cos(π/4)) = 0.92678 at a quarter of the longest, its mirror image when wrong: TRL's figures.
  @Test(arguments: [(25, 0.9267766953), (50, 0.75), (75, 0.5732233047)])
  func brevityPaysWhenRightAndCostsWhenWrong(length: Int, expected: Double) {
    let reward = CosineLengthReward(maximumLength: 100)
    var sample = sample([Int](repeating: 1, count: length))
    (sample.completion, sample.answer) = ("\\boxed{4}", "4")
    #expect(abs(reward.score(sample) - expected) < 1e-10)
    sample.answer = "5"
    #expect(abs(reward.score(sample) + expected) < 1e-10)
  }

  @Test func brevityCanBeClippedAndExcessNamed() {
    let reward = CosineLengthReward(maximumLength: 100, exceeded: -10, correctLimit: 0.8)
    var sample = sample([1])
    (sample.completion, sample.answer) = ("\\boxed{4}", "4")
    #expect(reward.score(sample) == 0.8)
    sample.isTruncated = true
    #expect(reward.score(sample) == -10)
  }

  @Test(arguments: [
    ("<think>a</think> b", "", 1.0), ("a</think> b", "Q<think>\n", 1), ("a</think> b", "Q", 0),
    ("<think>a</think>", "", 0), ("<think></think>b", "", 0), ("b", "", 0),
    ("<think>a</think> b </think> c", "", 0), ("<think>a<think>b</think> c", "", 0),
  ])
  func thinkingComesOnceAndThenAnAnswer(completion: String, prompt: String, expected: Double) {
    #expect(FormatReward().score(Sample(prompt: prompt, completion: completion)) == expected)
  }

  @Test func exactMatchesAreLetterForLetter() {
    let reward = ExactMatchReward()
    #expect(reward.score(Sample(completion: " Paris \n", answer: "Paris")) == 1)
    #expect(reward.score(Sample(completion: "it is \\boxed{0.5}", answer: "0.5")) == 1)
    #expect(reward.score(Sample(completion: "it is \\boxed{1/2}", answer: "0.5")) == 0)
  }

  @Test func mixturesAddUpByWeight() {
    let mixture = RewardMixture([
      .init(ExactMatchReward(), weight: 2), .init(LengthReward(maximumLength: 1, cache: 1)),
    ])
    let result = mixture.detailed(Sample(completion: "a", answer: "a", tokens: [1, 2]))
    #expect(result.total == 1)
    #expect(result.scores == [1, -1])
  }
}
