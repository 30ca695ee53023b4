import Foundation
import JSON
import Testing

@testable import Rewards

/// math-verify's verdicts on the answers of MATH, AIME and AMC in other writings; see Goldens/math-verdicts.py.
@Suite struct MathVerdictTests {
  private struct Verdict {
    var given: String
    var expected: String
    var isEqual: Bool
  }

  private static func load() throws -> [Verdict] {
    let file = try #require(
      Bundle.module.url(
        forResource: "math-verdicts", withExtension: "json", subdirectory: "Goldens"))
    let json = try JSON(parsing: Array(Data(contentsOf: file)))
    return try #require(json.array).map { row in
      let fields = try #require(row.array)
      return Verdict(
        given: try #require(fields[0].string), expected: try #require(fields[1].string),
        isEqual: try #require(fields[2].bool as Bool?))
    }
  }

  private static func verdict(_ row: Verdict) -> Bool {
    MathReward().score(
      prompt: "", completion: "So it is \\boxed{\(row.given)}.", answer: row.expected,
      isTruncated: false) == 1
  }

  /// docs/math-verifier.md says where the two differ, and why.
  @Test func verdictsAreMathVerifys() throws {
    let rows = try Self.load()
    #expect(rows.count == 800)
    let others = rows.filter { Self.verdict($0) != $0.isEqual }
    #expect(others.count <= 8, "\(others.map { "\($0.given) for \($0.expected)" })")
    // Neither verdict is rare: a judge that always said the same would not pass.
    #expect(rows.count { $0.isEqual } > 200)
    #expect(rows.count { !$0.isEqual } > 100)
  }
}
