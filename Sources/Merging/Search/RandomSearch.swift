import Randomness

/// The start, then points drawn evenly.
struct RandomSearch: SearchStrategy {
  private let start: [Double]
  private let random: CoordinateRandom
  private var next: UInt64 = 0

  init(start: [Double], seed: UInt64) {
    self.start = start
    random = CoordinateRandom(seed: seed, stream: "merge-search/random")
  }

  mutating func ask() -> [[Double]] {
    defer { next += 8 }
    return (next..<next + 8).map { index in
      index == 0
        ? start : start.indices.map { random.uniform(index, UInt64($0)) }
    }
  }

  mutating func tell(_ scores: [Double]) {}
}

/// One coordinate after another, a step up and a step down from the best point; a round without gain halves the step.
struct CoordinateDescent: SearchStrategy {
  private var best: [Double]
  private var bestScore: Double?
  private var step = 0.25
  private var coordinate = 0
  private var hasGained = false
  private var asked: [[Double]] = []

  init(start: [Double]) { best = start }

  mutating func ask() -> [[Double]] {
    guard bestScore != nil else {
      asked = [best]
      return asked
    }
    asked = []
    while asked.isEmpty, step > 1e-4, !best.isEmpty {
      for change in [step, -step] {
        var point = best
        point[coordinate] = min(1, max(0, point[coordinate] + change))
        if point != best { asked.append(point) }
      }
      if asked.isEmpty { advance() }
    }
    return asked
  }

  mutating func tell(_ scores: [Double]) {
    let isFirst = bestScore == nil
    for (point, score) in zip(asked, scores) where score > bestScore ?? -.infinity {
      (best, bestScore) = (point, score)
      if !isFirst { hasGained = true }
    }
    if bestScore == nil { bestScore = -.infinity }
    if !isFirst { advance() }
  }

  private mutating func advance() {
    coordinate += 1
    guard coordinate >= best.count else { return }
    coordinate = 0
    if !hasGained { step /= 2 }
    hasGained = false
  }
}
