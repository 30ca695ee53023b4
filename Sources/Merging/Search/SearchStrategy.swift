/// A way of choosing points of the unit cube, better ones by what earlier ones were worth.
///
/// A function of its seed and of the scores: the same scores give the same points.
public protocol SearchStrategy: Sendable {
  /// The next points, each of as many numbers from 0 to 1 as there are dimensions; empty where there are no more.
  mutating func ask() -> [[Double]]
  /// What the points last asked for are worth, in their order: more is better.
  mutating func tell(_ scores: [Double])
}

/// The strategies by their names in settings.
public enum SearchStrategies: String, Codable, Sendable, CaseIterable {
  case grid
  case random
  case coordinate
  case cmaES = "cma-es"

  /// A strategy that begins at a point; `budget` is the number of points that will be tried.
  public func make(start: [Double], budget: Int, seed: UInt64) -> any SearchStrategy {
    switch self {
    case .grid: GridSearch(dimensions: start.count, budget: budget)
    case .random: RandomSearch(start: start, seed: seed)
    case .coordinate: CoordinateDescent(start: start)
    case .cmaES: CovarianceAdaptation(start: start, seed: seed)
    }
  }
}

/// All combinations of equally spaced values: as many a dimension as the budget allows, two at least.
struct GridSearch: SearchStrategy {
  private let dimensions: Int
  private let steps: Int
  private var next = 0
  private let count: Int

  init(dimensions: Int, budget: Int) {
    self.dimensions = dimensions
    var steps = 2
    func points(_ steps: Int) -> Int {
      var count = 1
      for _ in 0..<dimensions where count <= budget { count *= steps }
      return count
    }
    while dimensions > 0, steps < 1024, points(steps + 1) <= budget { steps += 1 }
    self.steps = steps
    count = dimensions == 0 ? 1 : min(points(steps), max(1, budget))
  }

  mutating func ask() -> [[Double]] {
    let end = min(count, next + 8)
    defer { next = end }
    return (next..<end).map { index in
      var rest = index
      return (0..<dimensions).map { _ in
        defer { rest /= steps }
        return Double(rest % steps) / Double(steps - 1)
      }
    }
  }

  mutating func tell(_ scores: [Double]) {}
}
