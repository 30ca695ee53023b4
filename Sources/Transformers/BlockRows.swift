import Kernels

/// The rows that a block computes: it has keys and values of all, and may go on with some alone.
///
/// Nobody reads what the last block makes of a prompt, or of an answer whose last token is scored: of these rows it
/// computes what others see of them, and nothing else.
struct BlockRows {
  /// Each row's position within its sequence.
  let positions: [Int32]
  /// What the rows that go on see, their queries one behind the other.
  let spans: [AttentionSpan]
  /// The rows that go on, in their order; nil where all do.
  let asking: [Int]?
  let askingPositions: [Int32]
  /// Which of the rows that go on each row is; empty where all do.
  private let places: [Int]

  /// All rows go on.
  init(positions: [Int32], spans: [AttentionSpan]) {
    (self.positions, self.spans) = (positions, spans)
    (asking, askingPositions, places) = (nil, positions, [])
  }

  /// So many of each span's last own rows go on.
  init(positions: [Int32], spans: [AttentionSpan], asking counts: [Int]) {
    let wanted = counts.reduce(0, +)
    guard wanted < positions.count else {
      self = BlockRows(positions: positions, spans: spans)
      return
    }
    var rows: [Int] = []
    var places = Array(repeating: -1, count: positions.count)
    self.spans = zip(spans, counts).map { span, count in
      let start = rows.count
      for row in span.own.suffix(count) {
        places[row] = rows.count
        rows.append(row)
      }
      return AttentionSpan(prefix: span.prefix, own: span.own, queries: start..<rows.count)
    }
    self.positions = positions
    (asking, askingPositions, self.places) = (rows, rows.map { positions[$0] }, places)
  }

  /// How many rows go on.
  var count: Int { askingPositions.count }

  /// Which of the rows that go on a row is, being one of them.
  func place(_ row: Int) -> Int { asking == nil ? row : places[row] }

  /// Those of x that go on: x itself where all do.
  func narrowed(_ x: Matrix, _ pass: PassContext) -> Matrix {
    guard let asking else { return x }
    let narrow = pass.arena.matrix(rows: asking.count, columns: x.columns)
    pass.compute.gatherRows(x, rows: asking, into: narrow)
    return narrow
  }

  /// Room for what `narrowed` would give: x itself where all rows go on.
  func narrowedRoom(_ x: Matrix, _ pass: PassContext) -> Matrix {
    asking == nil ? x : pass.arena.matrix(rows: count, columns: x.columns)
  }

  /// The way back of `narrowed` into `y`, zeros elsewhere; where all go on, `y` has to be `x` already.
  func widen(_ x: Matrix, into y: Matrix, _ compute: Compute) {
    guard let asking else { return }
    compute.zero(y)
    compute.scatterRows(adding: x, rows: asking, into: y)
  }
}
