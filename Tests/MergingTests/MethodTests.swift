import Checkpoints
import Testing

@testable import Merging

@Suite struct MethodTests {
  private let fixture: Fixture

  init() throws {
    fixture = try Fixture()
    try fixture.writeModelsByHand()
  }

  private func merge(
    _ method: String, weights: [Double?] = [0.6, 0.4], _ settings: [(String, Double)] = [],
    models: [String] = ["X", "Y"], base: String? = "B"
  ) throws -> [Float] {
    try fixture.merged(
      MergeConfiguration(
        method: method, base: base, models: zip(models, weights).map { ($0, $1) },
        settings: settings.map { ($0.0, .scalar($0.1)) }))
  }

  private func expect(_ values: [Float], _ expected: [Float], within tolerance: Float = 1e-6) {
    #expect(values.count == expected.count)
    for (value, other) in zip(values, expected) { #expect(abs(value - other) <= tolerance) }
  }

  /// 0.6 · 1.5 + 0.4 · 0.8 = 1.22, and so on.
  @Test func linearIsTheMean() throws {
    let expected: [Float] = [1.22, -1.9, 0.9, 0.08, 0.17, 2.72, -1.6, 1.64]
    expect(try merge("linear", base: nil), expected)
    expect(try merge("task_arithmetic"), expected)
    expect(try merge("linear", weights: [1.2, 0.8], base: nil), expected)
  }

  @Test func taskArithmeticScalesAndNormalizes() throws {
    let expected: [Float] = [1.11, -1.95, 0.7, 0.04, 0.21, 2.86, -1.55, 1.82]
    expect(try merge("task_arithmetic", [("lambda", 0.5), ("normalize", 1)]), expected)
  }

  /// cos ω = 0.74678177.
  @Test func slerpGoesAlongTheCircle() throws {
    let expected: [Float] = [
      1.330_351_78, -2.090_994_53, 0.910_606_83, 0.122_444_94, 0.166_815_75, 2.949_191_23,
      -1.631_825_99, 1.669_703_53,
    ]
    expect(try merge("slerp", weights: [nil], [("t", 0.35)], models: ["Y"], base: "X"), expected)
  }

  @Test func tiesTrimsElectsAndMerges() throws {
    let halves = [("density", 0.5)]
    expect(try merge("ties", halves), [1.5, -1, 1.5, 0, 0.25, 2, -2.5, 1])
    expect(
      try merge("ties", halves + [("lambda", 0.7), ("normalize", 0)]),
      [1.21, -1.72, 0.78, 0, 0.25, 2.72, -1.78, 1.58])
  }

  @Test func oneModelAloneComesBackToTheBit() throws {
    #expect(try merge("linear", weights: [1, 0], base: nil) == Fixture.first)
    #expect(try merge("linear", weights: [0, 0.3], base: nil) == Fixture.second)
    #expect(try merge("slerp", weights: [nil], [("t", 0)], models: ["X"]) == Fixture.base)
    #expect(try merge("slerp", weights: [nil], [("t", 1)], models: ["X"]) == Fixture.first)
    for weight in [1, 0.3, 7] {
      #expect(try merge("ties", weights: [weight], models: ["X"]) == Fixture.first)
    }
    #expect(try merge("task_arithmetic", weights: [1], models: ["X"]) == Fixture.first)
    #expect(try merge("passthrough", weights: [nil], models: ["Y"], base: nil) == Fixture.second)
  }

  @Test func theOrderOfTheModelsDoesNotMatter() throws {
    let there = try merge("ties", weights: [0.6, 0.4], [("density", 0.6)])
    let back = try merge("ties", weights: [0.4, 0.6], [("density", 0.6)], models: ["Y", "X"])
    expect(there, back, within: 0)
  }

  /// Exactly k are kept, of equal ones the first, and at least one.
  @Test(arguments: [
    (0.5, [0, 2, 4]), (0.1, [0]), (0.7, [0, 2, 3, 4]), (1.0, [0, 1, 2, 3, 4, 5]),
  ])
  func selectionKeepsTheLargest(density: Double, kept: [Int]) {
    let model: [Float] = [3, 0, -2, -2, 2.5, 2]
    let base = [Float](repeating: 0, count: 6)
    let selection = LargestChanges(of: model, from: base, density: density)
    let found = model.indices.filter { selection.contains(model[$0] - base[$0], at: $0) }
    #expect(found == kept)
  }

  /// Against sorting, on 4,096 numbers of few distinct sizes.
  @Test func selectionIsThatOfASort() {
    var state: UInt64 = 9
    let model = (0..<4096).map { _ -> Float in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (Float(state >> 40) / 16_777_216 - 0.5) * (state & 8 == 0 ? 1 : 0.001)
    }.map { ($0 * 512).rounded() / 512 }
    let base = [Float](repeating: 0, count: model.count)
    for density in [0.01, 0.25, 0.5, 0.9] {
      let count = Int(density * 4096)
      let sorted = model.indices.sorted {
        (abs(model[$0]), -$0) > (abs(model[$1]), -$1)
      }
      let selection = LargestChanges(of: model, from: base, density: density)
      let kept = model.indices.filter { selection.contains(model[$0], at: $0) }
      #expect(kept == sorted.prefix(count).sorted())
    }
  }
}
