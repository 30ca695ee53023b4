import Randomness

/// Weighted sums of changes, some of each left out, perhaps of one sign only: the rules of PEFT's `merge_utils`.
///
/// TIES: arXiv:2306.01708; DARE: arXiv:2311.03099, rescaled by 1/density as published.
struct DeltaCombination {
  struct Rule: Sendable, Equatable {
    enum Pruning: Sendable, Equatable {
      case nothing
      /// The smallest by magnitude.
      case smallest
      case random
    }

    var prunes = Pruning.nothing
    /// Whether only numbers of the sign with the larger sum count, and are averaged over those that count.
    var electsSign = false

    static let sum = Rule()
  }

  private let rule: Rule
  private let density: Double
  private let electsByFrequency: Bool
  private let seed: UInt64
  private let mask: (@Sendable (String, Int, Int) -> Bool)?

  init(_ combination: AdapterCombination) {
    rule = combination.method.combination
    density = combination.density ?? 1
    electsByFrequency = combination.electsByFrequency
    seed = combination.seed
    mask = combination.mask
  }

  /// Adds up changes of one shape; `indices` say which adapter each is of, whichever take part.
  func combine(
    _ changes: [[Double]], weights: [Double], indices: [Int], name: String
  ) -> [Double] {
    let pruned = zip(changes, indices).map { prune($0, index: $1, name: name) }
    let count = changes.first?.count ?? 0
    var result = [Double](repeating: 0, count: count)
    guard rule.electsSign else {
      for (change, weight) in zip(pruned, weights) {
        for index in 0..<count { result[index] += weight * change[index] }
      }
      return result
    }
    for index in 0..<count {
      var votes = 0.0
      for change in pruned {
        votes += electsByFrequency ? Self.sign(change[index]) : change[index]
      }
      let elected = votes >= 0 ? 1.0 : -1.0
      var sum = 0.0
      var voters = 0.0
      for (change, weight) in zip(pruned, weights) where Self.sign(change[index]) == elected {
        sum += weight * change[index]
        voters += 1
      }
      result[index] = sum / max(1, voters)
    }
    return result
  }

  private static func sign(_ value: Double) -> Double { value > 0 ? 1 : value < 0 ? -1 : 0 }

  private func prune(_ change: [Double], index: Int, name: String) -> [Double] {
    guard density < 1 else { return change }
    switch rule.prunes {
    case .nothing: return change
    case .smallest:
      let count = Int(density * Double(change.count))
      let order = change.indices.sorted {
        (abs(change[$0]), $1) > (abs(change[$1]), $0)
      }
      var kept = [Double](repeating: 0, count: change.count)
      for place in order.prefix(count) { kept[place] = change[place] }
      return kept
    case .random:
      let random = CoordinateRandom(seed: seed, stream: "adapters/\(name)")
      return change.enumerated().map { place, value in
        let isKept =
          mask?(name, index, place) ?? (random.uniform(UInt64(index), UInt64(place)) < density)
        return isKept ? value / density : 0
      }
    }
  }
}
