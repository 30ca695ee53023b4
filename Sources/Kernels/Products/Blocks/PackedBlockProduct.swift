/// One product with packed weights in block floating point, y [rows, outputs] = scale · x · wᵀ or added to it, and parts
/// of it.
struct PackedBlockProduct {
  private static let sumCount = BlockLeft.rowLimit * BlockTile.columns
  /// Sums, and the results of a panel that is narrow.
  static let roomCount = 2 * sumCount

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
    left.multiply(weights.panel(panel).assumingMemoryBound(to: Float.self), into: room)
    let width = min(16, weights.outputs &- 16 &* panel)
    let place =
      layer.result.writable + (rows.lowerBound &* weights.outputs &+ 16 &* panel)
    let sums = BlockSums(
      sums: room, rows: rows.count, width: width, scale: scale, isAdded: accumulating)
    guard let term = layer.term else { return sums.put(into: place, stride: weights.outputs) }
    guard width < 16 else {
      sums.put(into: place, stride: weights.outputs)
      return add(term, panel, to: place, stride: weights.outputs)
    }
    let narrow = room + PackedBlockProduct.sumCount
    if accumulating { copyNarrow(place, weights.outputs, to: narrow, 16, rows.count, width) }
    sums.put(into: narrow, stride: 16)
    add(term, panel, to: narrow, stride: 16)
    copyNarrow(narrow, 16, to: place, weights.outputs, rows.count, width)
  }

  /// The term's part of a panel's results, which are near.
  private func add(
    _ term: PackedLayer.Term, _ panel: Int, to place: UnsafeMutablePointer<Float>, stride: Int
  ) {
    term.multiply(
      rows, panel,
      into: ProductTile.Target(result: place, stride: stride, scale: term.scale, isAdded: true))
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
        engine.scratch.borrow(PackedBlockProduct.roomCount) { room in
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
