import Testing

@testable import Merging

@Suite struct SearchTests {
  private let target = [0.2, 0.7, 0.9]

  /// Minus the squared distance from a point, stretched: 0 at best.
  private func score(_ point: [Double]) -> Double {
    -zip(point, target).enumerated().reduce(0) { sum, entry in
      let distance = entry.element.0 - entry.element.1
      return sum + Double(1 + 3 * entry.offset) * distance * distance
    }
  }

  private func best(_ strategy: any SearchStrategy, budget: Int) -> (
    points: [[Double]], score: Double
  ) {
    var strategy = strategy
    var (points, best) = ([[Double]](), -Double.infinity)
    while points.count < budget {
      let asked = strategy.ask()
      if asked.isEmpty { break }
      points += asked
      let scores = asked.map(score)
      best = max(best, scores.max() ?? best)
      strategy.tell(scores)
    }
    return (points, best)
  }

  @Test func adaptationFindsThePoint() {
    let found = best(CovarianceAdaptation(start: [0.5, 0.5, 0.5], seed: 3), budget: 400)
    #expect(found.score > -1e-6)
    #expect(found.points.first == [0.5, 0.5, 0.5])
    #expect(found.points.allSatisfy { $0.allSatisfy((0...1).contains) })
  }

  @Test func descentFindsThePointAndEnds() {
    let found = best(CoordinateDescent(start: [0.5, 0.5, 0.5]), budget: 1000)
    #expect(found.score > -1e-6)
    #expect(found.points.count < 1000)
  }

  /// 3³ = 27 of the 30 points that there is a budget for.
  @Test func aGridFillsItsBudget() {
    let found = best(GridSearch(dimensions: 3, budget: 30), budget: 100)
    #expect(found.points.count == 27)
    #expect(Set(found.points.map { "\($0)" }).count == 27)
    #expect(found.points.contains([0.5, 0, 1]))
  }

  @Test func aSearchIsAFunctionOfItsSeed() {
    for strategy in SearchStrategies.allCases {
      func points(_ seed: UInt64) -> [[Double]] {
        best(strategy.make(start: [0.4, 0.4, 0.4], budget: 24, seed: seed), budget: 24).points
      }
      #expect(points(1) == points(1))
      if strategy == .random || strategy == .cmaES { #expect(points(1) != points(2)) }
    }
  }

  @Test func aPointIsAConfiguration() throws {
    let space = try #require(
      SearchSpace(
        method: "ties", modelCount: 2,
        parameters: [("weight", 0...2), ("lambda", 0...1), ("t", 0...1)], groups: 2))
    #expect(
      space.axes.map { $0.name(groups: 2) } == [
        "weight[1]@1", "weight[1]@2", "weight[2]@1", "weight[2]@2", "lambda@1", "lambda@2",
      ])
    let yaml = space.configuration(
      [0, 0.5, 1, 0.25, 0.5, 1], models: ["a", "b"], base: "c",
      fixed: [("normalize", "false")], seed: 9)
    #expect(
      yaml == """
        merge_method: ties
        base_model: c
        models:
          - model: a
            parameters: {weight: [0.0, 1.0]}
          - model: b
            parameters: {weight: [2.0, 0.5]}
        parameters: {lambda: [0.5, 1.0], normalize: false}
        random_seed: 9

        """)
    #expect(throws: Never.self) { try MergeConfiguration(yaml: yaml) }
    #expect(space.point { _ in 0.5 } == [0.25, 0.25, 0.25, 0.25, 0.5, 0.5])
  }

  /// Parents [0.2, 0.8] and [0.6, 0.4]: a candidate of [0.5, 0.8] is ¾ and 1 of the way.
  @Test func scoresAreCombinedByTheRule() {
    let parents = [[0.2, 0.8], [0.6, 0.4]]
    #expect(abs(ScoreRule.mean.combined([0.5, 0.8], parents: parents) - 0.65) < 1e-12)
    #expect(
      abs(ScoreRule.normalizedMean.combined([0.5, 0.8], parents: parents) - 0.875) < 1e-12)
    #expect(abs(ScoreRule.worst.combined([0.5, 0.8], parents: parents) - 0.75) < 1e-12)
    #expect(
      ScoreRule.paretoFront([[1, 0], [0, 1], [0.5, 0.5], [0, 0.5], [1, 0]]) == [0, 1, 2, 4])
  }

  @Test func aMatrixIsItsEigenvectors() {
    let frame = SymmetricEigenvectors([[5, 4], [4, 5]])
    // d² = 9 and 1: C^½ applied twice to [1, 0] is [5, 4].
    let root = frame.stretched(frame.whitened([1, 1]))
    #expect(root.count == 2)
    let white = frame.whitened(frame.whitened([5, 4]))
    #expect(abs(white[0] - 1) < 1e-9 && abs(white[1]) < 1e-9)
  }
}
