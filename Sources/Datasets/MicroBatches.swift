/// Divides a step's examples into micro-batches, the atoms of work.
///
/// The division is made before it is known who will do the work, so that no sum depends on the
/// number of ranks or threads.
public enum MicroBatches {
  /// The fewest contiguous groups within the budget, as even in tokens as can be.
  ///
  /// `lengths` are the examples' tokens, in the step's order, which is kept. An example above the
  /// budget is a group by itself. At least `minimumCount` groups, as far as there are examples, so
  /// that ranks have something to share; it belongs to a recipe, as it changes the sums.
  public static func compose(
    lengths: [Int], tokenBudget: Int, minimumCount: Int = 1
  ) -> [[Int]] {
    precondition(tokenBudget > 0, "micro-batches of \(tokenBudget) tokens hold nothing")
    guard !lengths.isEmpty else { return [] }
    let fewest = groups(lengths, budget: tokenBudget, atLeast: 1).count
    let count = max(fewest, min(minimumCount, lengths.count))
    // The smallest budget that needs no more groups, found by halving, evens them out.
    var enough = tokenBudget
    var tooSmall = 0
    while enough - tooSmall > 1 {
      let middle = tooSmall + (enough - tooSmall) / 2
      if groups(lengths, budget: middle, atLeast: 1).count <= count {
        enough = middle
      } else {
        tooSmall = middle
      }
    }
    return groups(lengths, budget: enough, atLeast: count)
  }

  /// Fills group after group; a group ends early where each example left is needed for a group of
  /// its own.
  private static func groups(_ lengths: [Int], budget: Int, atLeast count: Int) -> [[Int]] {
    var groups: [[Int]] = []
    var tokens = 0
    for (index, length) in lengths.enumerated() {
      let isNeeded = groups.count + lengths.count - index <= count
      if groups.isEmpty || tokens + length > budget || isNeeded {
        groups.append([])
        tokens = 0
      }
      groups[groups.count - 1].append(index)
      tokens += length
    }
    return groups
  }
}
