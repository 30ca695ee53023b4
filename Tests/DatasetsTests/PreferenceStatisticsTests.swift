import Testing

@testable import Datasets

@Suite struct PreferenceStatisticsTests {
  /// Two of the three pairs of different lengths have the longer answer chosen.
  @Test func lengthsRepetitionsAndContradictionsAreCounted() {
    let statistics = PreferenceStatistics([
      TokenPair(prompt: [1], chosen: [2, 3], rejected: [4], margin: nil),
      TokenPair(prompt: [1], chosen: [4], rejected: [2, 3], margin: nil),
      TokenPair(prompt: [5], chosen: [6, 7, 8], rejected: [9], margin: nil),
      TokenPair(prompt: [10], chosen: [6], rejected: [9], margin: nil),
    ])
    #expect(statistics.pairs == 4)
    #expect(statistics.repeatedPrompts == 1)
    #expect(statistics.contradictions == 1)
    #expect(statistics.chosenLonger == 2.0 / 3)
    #expect(statistics.meanChosenLength == 1.75)
    #expect(statistics.meanRejectedLength == 1.25)
  }

  @Test func equalLengthsShowNoBias() {
    #expect(PreferenceStatistics([]).chosenLonger == nil)
  }
}
