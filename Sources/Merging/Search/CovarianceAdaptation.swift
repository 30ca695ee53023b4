import Glibc
import Randomness

/// CMA-ES: points drawn from a normal distribution whose mean, width and shape follow the better half of them.
///
/// Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772, figure 6 and table 1, with positive weights. Points outside the cube
/// are mirrored into it before they are tried, and learnt from as they were tried.
public struct CovarianceAdaptation: SearchStrategy {
  private let dimensions: Int
  private let random: CoordinateRandom
  /// λ and μ: points in a generation, and those that are learnt from, with their weights.
  public let populationSize: Int
  private let weights: [Double]
  private let effective: Double
  private let conjugation: Double
  private let damping: Double
  private let pathRate: Double
  private let rankOne: Double
  private let rankMany: Double
  /// E‖N(0, I)‖.
  private let expectedLength: Double

  private var mean: [Double]
  private var width = 0.3
  private var covariance: [[Double]]
  private var shapePath: [Double]
  private var widthPath: [Double]
  private var generation: UInt64 = 0
  private var asked: [[Double]] = []
  private var frame: SymmetricEigenvectors

  public init(start: [Double], seed: UInt64) {
    let n = Double(max(1, start.count))
    dimensions = start.count
    random = CoordinateRandom(seed: seed, stream: "merge-search/cma-es")
    let size = 4 + Int(3 * log(n))
    populationSize = size
    let raw = (0..<size / 2).map { log(Double(size + 1) / 2) - log(Double($0 + 1)) }
    let sum = raw.reduce(0, +)
    let effective = sum * sum / raw.reduce(0) { $0 + $1 * $1 }
    weights = raw.map { $0 / sum }
    self.effective = effective
    conjugation = (effective + 2) / (n + effective + 5)
    damping =
      1 + 2 * max(0, ((effective - 1) / (n + 1)).squareRoot() - 1)
      + (effective + 2) / (n + effective + 5)
    pathRate = (4 + effective / n) / (n + 4 + 2 * effective / n)
    let rankOne = 2 / ((n + 1.3) * (n + 1.3) + effective)
    self.rankOne = rankOne
    rankMany = min(
      1 - rankOne, 2 * (effective - 2 + 1 / effective) / ((n + 2) * (n + 2) + effective))
    expectedLength = n.squareRoot() * (1 - 1 / (4 * n) + 1 / (21 * n * n))
    mean = start
    let identity = start.indices.map { row in start.indices.map { row == $0 ? 1.0 : 0 } }
    covariance = identity
    shapePath = start.map { _ in 0 }
    widthPath = shapePath
    frame = SymmetricEigenvectors(identity)
  }

  public mutating func ask() -> [[Double]] {
    asked = (0..<populationSize).map { index in
      // The first point of all is the start itself: what one would have taken without a search.
      if generation == 0, index == 0 { return mean }
      let draw = (0..<dimensions).map {
        random.normal(generation, UInt64(index * dimensions + $0))
      }
      let step = frame.stretched(draw)
      return zip(mean, step).map { Self.mirrored($0 + width * $1) }
    }
    return asked
  }

  public mutating func tell(_ scores: [Double]) {
    guard scores.count == asked.count, dimensions > 0 else { return }
    let order = scores.indices.sorted {
      scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1]
    }
    let steps = order.prefix(weights.count).map { place in
      zip(asked[place], mean).map { ($0 - $1) / width }
    }
    var step = mean.map { _ in 0.0 }
    for (weight, own) in zip(weights, steps) {
      for index in step.indices { step[index] += weight * own[index] }
    }
    for index in mean.indices { mean[index] += width * step[index] }
    generation += 1
    followPaths(step)
    followShape(steps)
    frame = SymmetricEigenvectors(covariance)
  }

  private mutating func followPaths(_ step: [Double]) {
    let whitened = frame.whitened(step)
    let gain = (conjugation * (2 - conjugation) * effective).squareRoot()
    for index in widthPath.indices {
      widthPath[index] = (1 - conjugation) * widthPath[index] + gain * whitened[index]
    }
    let length = widthPath.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let settled = (1 - pow(1 - conjugation, 2 * Double(generation))).squareRoot()
    let isSteady = length / settled < (1.4 + 2 / Double(dimensions + 1)) * expectedLength
    let shapeGain = isSteady ? (pathRate * (2 - pathRate) * effective).squareRoot() : 0
    for index in shapePath.indices {
      shapePath[index] = (1 - pathRate) * shapePath[index] + shapeGain * step[index]
    }
    width *= exp(conjugation / damping * (length / expectedLength - 1))
    width = min(1, max(1e-6, width))
  }

  private mutating func followShape(_ steps: [[Double]]) {
    for row in 0..<dimensions {
      for column in 0..<dimensions {
        var many = 0.0
        for (weight, own) in zip(weights, steps) { many += weight * own[row] * own[column] }
        covariance[row][column] =
          (1 - rankOne - rankMany) * covariance[row][column]
          + rankOne * shapePath[row] * shapePath[column] + rankMany * many
      }
    }
  }

  /// Folded back at the walls.
  private static func mirrored(_ value: Double) -> Double {
    guard value.isFinite else { return 0.5 }
    let folded = abs(value).truncatingRemainder(dividingBy: 2)
    return folded > 1 ? 2 - folded : folded
  }
}
