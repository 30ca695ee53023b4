import Randomness

/// The random decisions of one row: a function of the seed, the stream and the row's number, so that
/// a row does not change when another is added or left out.
struct Draw {
  private let random: CoordinateRandom
  private let row: UInt64
  private var asked: UInt64 = 0

  init(_ stream: String, row: Int) {
    random = CoordinateRandom(seed: Draw.seed, stream: "nano-data/" + stream)
    self.row = UInt64(row)
  }

  /// The seed of all nano data; another one makes another world of rows.
  static let seed: UInt64 = 360

  mutating func number(in range: ClosedRange<Int>) -> Int {
    asked += 1
    return range.lowerBound + random.below(range.count, row, asked)
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[number(in: 0...(elements.count - 1))]
  }

  mutating func chance(_ probability: Double) -> Bool {
    asked += 1
    return random.uniform(row, asked) < probability
  }

  /// One of the elements, each with a probability in proportion to its weight.
  mutating func pick<Element>(weighted elements: [(Element, Int)]) -> Element {
    var rest = number(in: 0...(elements.reduce(0) { $0 + $1.1 } - 1))
    for (element, weight) in elements {
      if rest < weight { return element }
      rest -= weight
    }
    return elements[0].0
  }

  /// Different elements in a random order; all of them if fewer than `count`.
  mutating func several<Element>(_ count: Int, of elements: [Element]) -> [Element] {
    var pool = elements
    for index in 0..<min(count, pool.count) {
      pool.swapAt(index, number(in: index...(pool.count - 1)))
    }
    return Array(pool.prefix(count))
  }
}
