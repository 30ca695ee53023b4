extension AttentionRows {
  static func backwardRoomCount(_ layout: KeyValueLayout) -> Int {
    block * (2 * KeyValueLayout.chunk + 3 * layout.paddedDimension + 1)
  }

  /// dQ of these rows, and their shares of dK and dV added at the positions they see.
  ///
  /// A chunk holds the keys across, the values across and the keys along. Shares are
  /// [positions, padded dimension].
  func backward(
    chunk: (Int) -> UnsafePointer<Float>, out: UnsafePointer<Float>,
    outGradient: UnsafePointer<Float>, logSumExp: UnsafePointer<Float>, sumStride: Int,
    queryGradient: UnsafeMutablePointer<Float>, keyShare: UnsafeMutablePointer<Float>,
    valueShare: UnsafeMutablePointer<Float>, _ room: UnsafeMutablePointer<Float>
  ) {
    let width = layout.paddedDimension
    let scores = room
    let slopes = scores + AttentionRows.block &* KeyValueLayout.chunk
    let turned = slopes + AttentionRows.block &* KeyValueLayout.chunk
    let gradientsAlong = turned + AttentionRows.block &* width
    let queriesAlong = gradientsAlong + AttentionRows.block &* width
    let pulls = queriesAlong + AttentionRows.block &* width
    for row in 0..<count {
      let place = row &* queryStride
      pulls[row] = dot(outGradient + place, out + place, layout.dimension)
    }
    putAlong(outGradient, into: gradientsAlong)
    putAlong(queries, into: queriesAlong)
    let scale = 1 / Float(layout.dimension).squareRoot()
    for index in 0..<chunkCount {
      let (chunk, start) = (chunk(index), index &* KeyValueLayout.chunk)
      let (first, seen) = (firstRow(seeing: start), valid(count &- 1, start))
      score(from: first, seen: seen, { chunk + $0 &* layout.panelCount }, into: scores)
      multiply(
        outGradient, queryStride, { chunk + (layout.acrossCount &+ $0 &* layout.panelCount) },
        scale: 1, from: first, seen: seen, into: slopes)
      for row in first..<count {
        let place = row &* KeyValueLayout.chunk
        let (line, slope, valid) = (scores + place, slopes + place, valid(row, start))
        _ = exponentiate(line, valid, shift: logSumExp[row &* sumStride])
        (line + valid).clear(seen &- valid)
        (slope + valid).clear(seen &- valid)
        let pull = pulls[row]
        for column in 0..<valid { slope[column] = line[column] * (slope[column] - pull) * scale }
      }
      addTransposed(scores, first, gradientsAlong, seen, to: valueShare + start &* width)
      addTransposed(slopes, first, queriesAlong, seen, to: keyShare + start &* width)
      addValues(
        chunk + 2 &* layout.acrossCount, slopes, first, seen, into: turned, isFirst: index == 0)
    }
    for row in 0..<count {
      (queryGradient + row &* queryStride).update(
        from: turned + row &* width, count: layout.dimension)
    }
  }

  /// The rows as panels [block, 16], zeros behind the last dimension.
  private func putAlong(
    _ rows: UnsafePointer<Float>, into panels: UnsafeMutablePointer<Float>
  ) {
    for (place, column) in stride(from: 0, to: layout.dimension, by: 16).enumerated() {
      packPanel(
        rows + column, depth: count, columns: min(16, layout.dimension &- column),
        depthStride: queryStride, columnStride: 1,
        into: panels + place &* 16 &* AttentionRows.block)
    }
  }

  /// share [seen, padded dimension] += blockᵀ · along over the rows from `first` on.
  private func addTransposed(
    _ block: UnsafePointer<Float>, _ first: Int, _ along: UnsafePointer<Float>, _ seen: Int,
    to share: UnsafeMutablePointer<Float>
  ) {
    let width = layout.paddedDimension
    for column in stride(from: 0, to: width, by: 16) {
      let operands = ProductTile.Operands(
        left: block + first &* KeyValueLayout.chunk, rowStride: 1,
        depthStride: KeyValueLayout.chunk,
        right: along + (column &* AttentionRows.block &+ first &* 16),
        depth: count &- first, tiles: ProductTile.tiles(rows: seen))
      ProductTile.multiply(
        rows: seen, operands,
        into: ProductTile.Target(
          result: share + column, stride: width, scale: 1, isAdded: true))
    }
  }
}
