/// Attention of some rows of one head to chunks of keys and values (online softmax, arXiv:2205.14135).
///
/// Training and decoding both come here, and a row's arithmetic is fixed by its position alone: chunk by
/// chunk, each chunk's scores and weighted values a chain (`ProductTile`). So a token sampled from a cache
/// has the bits that a training pass gives it.
struct AttentionRows {
  /// Rows that are computed together; their scores and sums stay in the first-level cache.
  static let block = 48

  let layout: KeyValueLayout
  /// [count, dimension] and how far its rows lie apart.
  let queries: UnsafePointer<Float>
  let queryStride: Int
  let count: Int
  /// The first row's position, and how much later each next row is: 1, or 0 for heads of one token.
  let firstPosition: Int
  let positionStep: Int

  static func roomCount(_ layout: KeyValueLayout) -> Int {
    block * (KeyValueLayout.chunk + layout.paddedDimension + 2) + layout.alongCount
  }

  private func position(_ row: Int) -> Int { firstPosition &+ row &* positionStep }

  /// How many positions of the chunk that starts at `start` a row sees.
  @inline(__always) func valid(_ row: Int, _ start: Int) -> Int {
    max(0, min(KeyValueLayout.chunk, position(row) &- start &+ 1))
  }

  /// The first row that sees anything of the chunk that starts at `start`.
  func firstRow(seeing start: Int) -> Int {
    positionStep == 0 ? 0 : max(0, start &- firstPosition)
  }

  var chunkCount: Int { position(count &- 1) / KeyValueLayout.chunk &+ 1 }

  /// scores [count, 64] = QKᵀ / √d of the rows from `first` on, as far as the last of them sees.
  func score(
    from first: Int, seen: Int, _ keys: (Int) -> UnsafePointer<Float>,
    into scores: UnsafeMutablePointer<Float>
  ) {
    multiply(
      queries, queryStride, keys, scale: 1 / Float(layout.dimension).squareRoot(), from: first,
      seen: seen, into: scores)
  }

  /// scores [count, 64] = scale · left · acrossᵀ, as many columns as whole panels hold `seen`.
  func multiply(
    _ left: UnsafePointer<Float>, _ stride: Int, _ across: (Int) -> UnsafePointer<Float>,
    scale: Float, from first: Int, seen: Int, into scores: UnsafeMutablePointer<Float>
  ) {
    let rows = LeftBlock(
      start: left + first &* stride, rows: count &- first, rowStride: stride,
      depth: layout.dimension, isPacked: false)
    var column = 0
    while column < seen {
      let target = ProductTile.Target(
        result: scores + (first &* KeyValueLayout.chunk &+ column), stride: KeyValueLayout.chunk,
        scale: scale, isAdded: false)
      rows.multiply(across(column / 16), into: target, false)
      column &+= 16
    }
  }

  /// out [count, dimension] and, where wanted, the log-sum-exp of each row.
  ///
  /// `keys` says where sixteen positions' are, `values` where a chunk's are, for which it is given room.
  func forward(
    keys: (_ panel: Int) -> UnsafePointer<Float>,
    values: (_ chunk: Int, UnsafeMutablePointer<Float>) -> UnsafePointer<Float>,
    into out: UnsafeMutablePointer<Float>, outStride: Int,
    logSumExp: UnsafeMutablePointer<Float>?, sumStride: Int, room: UnsafeMutablePointer<Float>
  ) {
    let width = layout.paddedDimension
    let scores = room
    let weighted = scores + AttentionRows.block &* KeyValueLayout.chunk
    let largest = weighted + AttentionRows.block &* width
    let sums = largest + AttentionRows.block
    let gathered = sums + AttentionRows.block
    for chunk in 0..<chunkCount {
      let start = chunk &* KeyValueLayout.chunk
      let (first, seen) = (firstRow(seeing: start), valid(count &- 1, start))
      score(
        from: first, seen: seen, { keys(start / 16 &+ $0) }, into: scores)
      for row in first..<count {
        let (line, valid) = (scores + row &* KeyValueLayout.chunk, valid(row, start))
        let previous = chunk == 0 ? -Float.infinity : largest[row]
        let peak = max(previous, maximum(line, valid))
        let sum = exponentiate(line, valid, shift: peak)
        (line + valid).clear(seen &- valid)
        largest[row] = peak
        if chunk == 0 {
          sums[row] = sum
        } else if peak == previous {
          sums[row] += sum
        } else {
          let shrink = exponential(Lanes(repeating: previous - peak))[0]
          sums[row] = sums[row] * shrink + sum
          multiplyLine(weighted + row &* width, width, by: shrink)
        }
      }
      addValues(values(chunk, gathered), scores, first, seen, into: weighted, isFirst: chunk == 0)
    }
    for row in 0..<count {
      let (line, target) = (weighted + row &* width, out + row &* outStride)
      let inverse = 1 / sums[row]
      for index in 0..<layout.dimension { target[index] = line[index] * inverse }
      logSumExp?[row &* sumStride] = largest[row] + logarithm(sums[row])
    }
  }

  /// weighted [count, padded dimension] += P · V for the rows from `first` on.
  func addValues(
    _ along: UnsafePointer<Float>, _ scores: UnsafeMutablePointer<Float>, _ first: Int,
    _ seen: Int, into weighted: UnsafeMutablePointer<Float>, isFirst: Bool
  ) {
    let width = layout.paddedDimension
    let rows = LeftBlock(
      start: UnsafePointer(scores) + first &* KeyValueLayout.chunk, rows: count &- first,
      rowStride: KeyValueLayout.chunk, depth: seen, isPacked: false)
    var panel = along
    for column in stride(from: 0, to: width, by: 16) {
      let target = ProductTile.Target(
        result: weighted + (first &* width &+ column), stride: width, scale: 1, isAdded: false)
      rows.multiply(panel, into: target, !isFirst)
      panel += 16 &* KeyValueLayout.chunk
    }
  }
}

@inline(__always) private func multiplyLine(
  _ line: UnsafeMutablePointer<Float>, _ count: Int, by factor: Float
) {
  for index in 0..<count { line[index] *= factor }
}
