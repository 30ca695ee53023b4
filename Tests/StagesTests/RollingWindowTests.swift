import Testing
import Transformers

@testable import Stages

@Suite struct RollingWindowTests {
  /// Room for three targets: 1 2 3 behind the mark, 4 5 6 behind 3, and 7 8 behind all that fits, 5 and 6.
  @Test func everyTokenIsATargetOnce() {
    let windows = rollingWindows([1, 2, 3, 4, 5, 6, 7, 8], behind: 0, longest: 4)
    #expect(windows.map(\.tokens) == [[0, 1, 2, 3], [3, 4, 5, 6], [5, 6, 7, 8]])
    #expect(windows.map(\.targets) == [[1, 2, 3], [1, 2, 3], [2, 3]])
  }

  @Test func aShortTextIsOneWindow() {
    #expect(
      rollingWindows([5, 6], behind: 9, longest: 4)
        == [TargetSequence(tokens: [9, 5, 6], targets: [1, 2])])
    #expect(rollingWindows([], behind: 9, longest: 4).isEmpty)
  }
}
