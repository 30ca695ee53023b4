import Testing

@testable import Rewards

@Suite struct StatisticsTests {
  /// Wilson at 8 of 10 is (0.4902, 0.9433), at 0 of 10 (0, 0.2775): the textbook figures.
  @Test func wilsonsIntervalIsThatByHand() {
    let eight = wilsonInterval(successes: 8, of: 10)
    #expect(eight.mean == 0.8)
    #expect(abs(eight.low - 0.4901625) < 1e-6)
    #expect(abs(eight.high - 0.9433178) < 1e-6)
    let none = wilsonInterval(successes: 0, of: 10)
    #expect(none.low == 0)
    #expect(abs(none.high - 0.2775328) < 1e-6)
    #expect(wilsonInterval(successes: 10, of: 10).high == 1)
    #expect(wilsonInterval(successes: 0, of: 0).high == 1)
  }

  @Test func tiesAreHalfAWin() {
    let rate = winRate(wins: 6, ties: 4, losses: 10)
    #expect(rate.mean == 0.4)
    #expect(rate.count == 20)
  }

  /// Clusters 1, 1 and 0, 0: mean ½, Σ_c (Σ off)² = 2, so the deviation is √(2·2)/4 = ½, times 1.96.
  @Test func samplesOfOneQuestionAreOneObservationWhenTheyAgree() {
    let estimate = clusteredMean([[1, 1], [0, 0]])
    #expect(estimate.mean == 0.5)
    #expect(abs(estimate.high - 0.5 - 0.5 * 1.959963984540054) < 1e-12)
    #expect(clusteredMean([[1, 1], [0, 0]]).high > clusteredMean([[1], [1], [0], [0]]).high)
    #expect(clusteredMean([[1, 0]]).high == .infinity)
    #expect(clusteredMean([]).count == 0)
  }

  /// One observation a cluster is Wilson's interval.
  ///
  /// Where each of four prompts has two equal samples, four count.
  @Test func aClusteredShareIsWilsonsWithFewerObservations() {
    let single = clusteredShare((0..<10).map { Cluster(id: $0, sum: $0 < 8 ? 1 : 0) })
    #expect(single == wilsonInterval(successes: 8, of: 10))
    let agreeing = clusteredShare(
      [[1, 1], [0, 0], [1, 1], [0, 0]].enumerated().map { Cluster(id: $0, $1) })
    // The variance is 4/3 · 4 · 1 / 64 = 1/12, so that ¼ over it is 3.
    let three = wilsonInterval(share: 0.5, of: 3)
    #expect(agreeing.mean == 0.5 && abs(agreeing.low - three.low) < 1e-12)
    #expect(agreeing.count == 8)
    // None of 2 · 3 samples: three prompts, not six observations, and not a width of nothing.
    let none = clusteredShare((0..<3).map { Cluster(id: $0, [0, 0]) })
    #expect(none.low == 0 && none.high == wilsonInterval(successes: 0, of: 3).high)
  }

  /// Sums 1, 5 over weights 1, 3: 6/4; off by −½ and ½, so √(2 · ½) / 4 = ¼, times 1.96.
  @Test func aRatioWeighsItsClusters() {
    let ratio = clusteredRatio([
      Cluster(id: 1, sum: 1, weight: 1), Cluster(id: 2, sum: 5, weight: 3),
    ])
    #expect(ratio.mean == 1.5)
    #expect(abs(ratio.high - 1.5 - 0.25 * 1.959963984540054) < 1e-12)
  }

  /// Both models rise and fall with the prompts: 1, 0, 1 against 0, −1, 0 is 1 without any doubt.
  @Test func whatPromptsShareIsNoDoubtOfADifference() {
    let first = [1.0, 0, 1].enumerated().map { Cluster(id: $0, sum: $1) }
    let second = [0.0, -1, 0].enumerated().map { Cluster(id: $0, sum: $1) }
    let difference = pairedDifference(first, second + [Cluster(id: 9, sum: 5)])
    #expect(
      difference.count == 3 && abs(difference.low - 1) < 1e-12 && abs(difference.high - 1) < 1e-12)
    // 1, 0, 1 − 0 is ⅔: off by ⅓, −⅔, ⅓, so √(3/2 · 6/9) / 3 = ⅓.
    let zeros = (0..<3).map { Cluster(id: $0, sum: 0) }
    let other = pairedDifference(first, zeros)
    #expect(abs(other.high - other.mean - 1.959963984540054 / 3) < 1e-12)
  }

  /// 2 right of 4, drawing 2: 1 − C(2,2)/C(4,2) = 5/6.
  @Test func passRatesAreUnbiased() {
    #expect(abs(passRate(right: 2, of: 4, drawing: 2) - 5.0 / 6) < 1e-12)
    #expect(passRate(right: 1, of: 4, drawing: 1) == 0.25)
    #expect(passRate(right: 3, of: 4, drawing: 2) == 1)
    #expect(passRate(right: 0, of: 64, drawing: 64) == 0)
    #expect(passRate(right: 1, of: 2, drawing: 3).isNaN)
  }

  @Test func votesAreCountedAndTiesShared() {
    #expect(majorityVote([1, 1, 2], isRight: [true, true, false]) == 1)
    #expect(majorityVote([1, 2, 2, nil], isRight: [true, false, false, false]) == 0)
    #expect(majorityVote([1, 2], isRight: [true, false]) == 0.5)
    #expect(majorityVote([nil, nil], isRight: [false, false]) == 0)
  }
}
