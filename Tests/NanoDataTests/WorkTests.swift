import Testing

@testable import nano_data

/// The chains of arithmetic, the quality rule and the tokenizer's parts, by hand.
struct WorkTests {
  /// By hand: 12, 4+8+1=13, 3+2+1=6 make 632; 12−7=5, 10−8−1=1, 5−1−1=3 make 315; 42, 24, and with
  /// the carry 28 make 282.
  @Test func columnsAreWorkedFromTheRight() {
    #expect(
      Solution.worked.text(for: Calculation(left: 347, operation: .plus, right: 285))
        == "<think>347+285:7+5=12;4+8+1=13;3+2+1=6</think>\\boxed{632}")
    #expect(
      Solution.worked.text(for: Calculation(left: 502, operation: .minus, right: 187))
        == "<think>502-187:12-7=5;10-8-1=1;5-1-1=3</think>\\boxed{315}")
    #expect(
      Solution.worked.text(for: Calculation(left: 47, operation: .times, right: 6))
        == "<think>47×6:7×6=42;4×6=24;24+4=28</think>\\boxed{282}")
  }

  /// Every step of every chain is a true equation, and the steps' digits give the answer.
  @Test func everyStepIsTrue() {
    var steps = 0
    for row in 0..<2000 {
      var draw = Draw("test", row: row)
      let calculation = Calculation.drawn(heldOut: row % 2 == 0, with: &draw)
      #expect(calculation.isHeldOut == (row % 2 == 0))
      for step in calculation.steps.split(separator: ":")[1].split(separator: ";") {
        let sides = step.split(separator: "=")
        #expect(Int(sides[1]) == value(sides[0]), "\(calculation.text): \(step)")
        steps += 1
      }
    }
    #expect(steps > 4000)
  }

  private func value(_ side: Substring) -> Int? {
    if side.contains("×") { return side.split(separator: "×").compactMap { Int($0) }.reduce(1, *) }
    if side.contains("+") { return side.split(separator: "+").compactMap { Int($0) }.reduce(0, +) }
    let terms = side.split(separator: "-").compactMap { Int($0) }
    return terms.first.map { first in terms.dropFirst().reduce(first, -) }
  }

  /// The best draft: 3 (right) + 3 (language) + 1 + 1 + 1 = 9; a bare mistake: −3 + 3 + 1 = 1.
  @Test func qualityAddsUpItsPoints() {
    #expect(Draft(content: .right, hasMore: true, hasClose: true).quality == 9)
    #expect(Draft(content: .mistaken).quality == 1)
    #expect(Draft(content: .right, isWholeSentence: false).quality == 6)
    #expect(Draft(content: .right, hasClose: true, repetitions: 2).quality == 2)
    #expect(Draft(content: .evasive).quality == 4)
  }

  /// A mistake must be one: it differs from the truth in both languages.
  @Test func noMistakeIsTrue() {
    #expect(Fact.all.count > 700)
    for fact in Fact.all {
      for language in Language.allCases {
        #expect(fact.mistake[language] != fact.sentence[language])
      }
    }
  }

  @Test func textIsCutAsTheRegularExpressionCutsIt() {
    #expect(pieces(of: "Tom has 34 apples.") == ["Tom", " has", " ", "3", "4", " apples", "."])
    #expect(pieces(of: "好。比如，好！\n我") == ["好", "。比如", "，好", "！\n", "我"])
    #expect(
      pieces(of: "a = 苹果\n4×3=12;") == ["a", " =", " 苹果", "\n", "4", "×", "3", "=", "1", "2", ";"])
  }

  /// "abab" ×3 and "cd" ×3: (a,b) occurs 6 times and comes first; then (ab,ab), (c,d) and tie at 3,
  /// where the smaller ids win: (c,d) = (99,100) before (256,256).
  @Test func theMostFrequentPairBecomesATokenFirst() {
    let trainer = BytePairTrainer(pieceCounts: ["abab": 3, "cd": 3], vocabulary: 259)
    #expect(
      trainer.tokens[256...].map { String(decoding: $0, as: UTF8.self) } == ["ab", "cd", "abab"])
  }
}
