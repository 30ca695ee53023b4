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
}
