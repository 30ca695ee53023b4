/// One product with packed weights in block floating point, y [rows, outputs] = scale · x · wᵀ or added to it, and parts
/// of it.
struct PackedBlockProduct {
  /// Rows of x, and which.
  let left: BlockLeft
  let rows: Range<Int>
  let layer: PackedLayer
  let scale: Float
  let accumulating: Bool

  func multiply(_ panels: Range<Int>, _ room: UnsafeMutablePointer<Float>) {
    for panel in panels { multiply(panel, room) }
  }

  private func multiply(_ panel: Int, _ room: UnsafeMutablePointer<Float>) {
    let weights = layer.weights
    let place =
      layer.result.writable + (rows.lowerBound &* weights.outputs &+ 16 &* panel)
    let width = min(16, weights.outputs &- 16 &* panel)
    left.multiply(
      weights.panel(panel).assumingMemoryBound(to: Float.self),
      into: BlockTarget(
        place: place, stride: weights.outputs, width: width, scale: scale, isAdded: accumulating),
      room)
    guard let term = layer.term else { return }
    term.rows(rows).multiply(
      term.panel(panel), width: width,
      into: ProductTile.Target(
        result: place, stride: weights.outputs, scale: term.scale, isAdded: false), true, room)
  }
}

extension Compute {
  /// Several products of one x, which is rounded once for all of them.
  func multiplyBlocks(
    _ x: Matrix, _ layers: [PackedLayer], _ scale: Float, _ accumulating: Bool
  ) {
    let parts = blocks(of: x.rows, size: BlockLeft.rowLimit)
    let count = BlockLeft.count(depth: x.columns)
    let source = x.pointer
    engine.scratch.borrow(parts.count * count) { room in
      let lefts = parts.enumerated().map { index, rows in
        BlockLeft(rows: rows.count, depth: x.columns, in: room + index * count)
      }
      spreadRows(x.rows, columns: x.columns) { rows in
        for row in rows {
          lefts[row / BlockLeft.rowLimit].encode(
            row % BlockLeft.rowLimit, source + row * x.columns, x.columns)
        }
      }
      shareOut(layers.map(\.weights), rows: x.rows) { index, panels in
        engine.scratch.borrow(BlockLeft.sumCount) { room in
          for (left, rows) in zip(lefts, parts) {
            PackedBlockProduct(
              left: left, rows: rows, layer: layers[index], scale: scale,
              accumulating: accumulating
            ).multiply(panels, room)
          }
        }
      }
    }
  }
}
