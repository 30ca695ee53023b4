/// Byte-pair encoding learned by counting (arXiv:1508.07909): the most frequent pair of neighbours
/// becomes a token, until there are enough.
///
/// Of pairs with equal counts the one with the smaller ids wins, so the outcome is a function of the
/// counts alone.
struct BytePairTrainer {
  struct Pair: Hashable {
    var left: Int
    var right: Int
  }

  /// The tokens in the order of their ids, as bytes; the 256 bytes first, in byte order.
  private(set) var tokens: [[UInt8]] = (0...255).map { [UInt8($0)] }
  private(set) var merges: [Pair] = []

  private var words: [(ids: [Int], count: Int)]
  private var counts: [Pair: Int] = [:]
  private var places: [Pair: Set<Int>] = [:]

  /// `pieceCounts` says how often each piece of text occurs.
  init(pieceCounts: [String: Int], vocabulary size: Int) {
    words = pieceCounts.sorted { $0.key < $1.key }.map {
      (Array($0.key.utf8).map(Int.init), $0.value)
    }
    for index in words.indices { tally(word: index, sign: 1) }
    while tokens.count < size, let pair = mostFrequent() { merge(pair) }
  }

  private func mostFrequent() -> Pair? {
    // A maximum under a total order does not depend on the order in which the pairs are visited.
    counts.max { a, b in
      (a.value, -a.key.left, -a.key.right) < (b.value, -b.key.left, -b.key.right)
    }?.key
  }

  private mutating func merge(_ pair: Pair) {
    let id = tokens.count
    tokens.append(tokens[pair.left] + tokens[pair.right])
    merges.append(pair)
    for index in places[pair] ?? [] {
      tally(word: index, sign: -1)
      words[index].ids = BytePairTrainer.joined(words[index].ids, pair, as: id)
      tally(word: index, sign: 1)
    }
    counts[pair] = nil
    places[pair] = nil
  }

  private mutating func tally(word index: Int, sign: Int) {
    let (ids, count) = words[index]
    for (left, right) in zip(ids, ids.dropFirst()) {
      let pair = Pair(left: left, right: right)
      counts[pair, default: 0] += sign * count
      if sign > 0 { places[pair, default: []].insert(index) }
    }
  }

  private static func joined(_ ids: [Int], _ pair: Pair, as id: Int) -> [Int] {
    var result: [Int] = []
    var index = 0
    while index < ids.count {
      if index + 1 < ids.count, ids[index] == pair.left, ids[index + 1] == pair.right {
        result.append(id)
        index += 2
      } else {
        result.append(ids[index])
        index += 1
      }
    }
    return result
  }
}
