/// Some rows of a left side, as they lie or packed into tiles (`packTiles`).
struct LeftBlock {
  var start: UnsafePointer<Float>
  let rows: Int
  let rowStride: Int
  let depth: Int
  let isPacked: Bool

  /// The block times a panel [depth, 16], block of the depth by block, while the result is near.
  func multiply(_ panel: UnsafePointer<Float>, into target: ProductTile.Target, _ adds: Bool) {
    var target = target
    for k in stride(from: 0, to: depth, by: ProductTile.depthBlock) {
      target.isAdded = adds || k > 0
      var operands = ProductTile.Operands(
        left: start + k, rowStride: rowStride, right: panel + k &* 16,
        depth: min(ProductTile.depthBlock, depth &- k), tiles: ProductTile.tiles(rows: rows))
      guard isPacked else {
        ProductTile.multiply(rows: rows, operands, into: target)
        continue
      }
      var tileTarget = target
      let blockStart = start + k &* rows
      for row in stride(from: 0, to: rows, by: ProductTile.rows) {
        let height = min(ProductTile.rows, rows &- row)
        operands.left = blockStart + row &* operands.depth
        (operands.rowStride, operands.depthStride) = (1, height)
        ProductTile.multiply(rows: height, operands, into: tileTarget)
        operands.advance(0)
        tileTarget.result += height &* target.stride
      }
    }
  }

  /// The block times a panel of which `width` columns are wanted.
  ///
  /// Fewer than sixteen go by way of a room [rows, 16]: what is behind them is somebody else's.
  func multiply(
    _ panel: UnsafePointer<Float>, width: Int, into target: ProductTile.Target, _ adds: Bool,
    _ room: UnsafeMutablePointer<Float>
  ) {
    guard width < 16 else { return multiply(panel, into: target, adds) }
    if adds { copyNarrow(target.result, target.stride, to: room, 16, rows, width) }
    var narrow = target
    (narrow.result, narrow.stride) = (room, 16)
    multiply(panel, into: narrow, adds)
    copyNarrow(room, 16, to: target.result, target.stride, rows, width)
  }
}

/// Copies a few columns of rows that lie `stride` apart.
func copyNarrow(
  _ source: UnsafePointer<Float>, _ stride: Int, to target: UnsafeMutablePointer<Float>,
  _ targetStride: Int, _ rows: Int, _ columns: Int
) {
  for row in 0..<rows {
    for column in 0..<columns {
      target[row &* targetStride &+ column] = source[row &* stride &+ column]
    }
  }
}
