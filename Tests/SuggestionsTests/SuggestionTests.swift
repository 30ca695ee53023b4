import Suggestions
import Testing

@Suite struct SuggestionTests {
  @Test func aSlipIsFound() {
    #expect(suggestion(for: "lerning_rate", among: ["beta", "learning_rate"]) == "learning_rate")
    #expect(suggestion(for: "tset", among: ["best", "test"]) == "test")
    #expect(suggestion(for: "BETA", among: ["beta"]) == "beta")
  }

  @Test func whatIsNotNearIsNotSuggested() {
    #expect(suggestion(for: "rows", among: ["learning_rate", "beta"]) == nil)
    #expect(suggestion(for: "x", among: []) == nil)
  }

  @Test func theFirstOfEquallyNearNamesWins() {
    #expect(suggestion(for: "bat", among: ["cat", "hat"]) == "cat")
  }

  @Test func aSentenceEndsWithTheSuggestionOrWithNothing() {
    #expect(didYouMean("gamma_", among: ["gamma"]) == "; did you mean `gamma`?")
    #expect(didYouMean("delta", among: ["gamma"]) == "")
    #expect(closing("delta", among: ["gamma"]) == ".")
  }

  @Test func longNamesAndManyOfThemAreLookedAtInPart() {
    let names = (0..<100_000).map { String(repeating: "a", count: 1000) + "\($0)" }
    #expect(suggestion(for: String(repeating: "a", count: 100_000), among: names) == names[0])
  }
}
