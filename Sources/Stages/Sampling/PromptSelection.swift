import Randomness

/// Which of a data set's prompts a run takes: all, or so many in a random order that goes on from
/// round to round.
struct PromptSelection {
  let count: Int
  /// The most of one round; nil takes all.
  var limit: Int?
  /// Counted from 1.
  var round = 1
  let seed: UInt64
  /// Whose order it is: selections under one name take from one another's rest.
  var stream = "prompts"

  /// Ascending indices below `count`.
  ///
  /// The order depends on the seed alone, not on the stage, so that rounds share it: no prompt comes
  /// again before all have come.
  var indices: [Int] {
    guard let limit, limit < count else { return Array(0..<count) }
    let random = CoordinateRandom(seed: seed, stream: stream)
    var taken: [Int] = []
    var epoch = (round - 1) * limit / count
    var order = random.permutation(count: count, epoch: UInt64(epoch))[
      ((round - 1) * limit % count)...]
    while taken.count < limit {
      if order.isEmpty {
        epoch += 1
        order = random.permutation(count: count, epoch: UInt64(epoch))[...]
      }
      let index = order.removeFirst()
      // Where two passes meet in one round, a prompt of both is taken once.
      if !taken.contains(index) { taken.append(index) }
    }
    return taken.sorted()
  }
}
