/// Some columns of a product in block floating point, its right side packed into panels.
struct BlockGroup {
  private static let sumCount = BlockLeft.rowLimit * BlockTile.columns

  /// One slab.
  let product: Product
  let columns: Range<Int>
  private let panels: UnsafeMutablePointer<Float>
  private let blocks: Int

  init(_ product: Product, _ columns: Range<Int>, room: UnsafeMutablePointer<Float>) {
    (self.product, self.columns, panels) = (product, columns, room)
    blocks = BlockFloat.blocks(product.depth)
  }

  /// How many float32 numbers' room a group's panels take.
  static func count(_ product: Product, _ columns: Range<Int>) -> Int {
    (columns.count + 15) / 16 * BlockFloat.blocks(product.depth) * BlockPanel.words
  }

  /// How many numbers of room `multiply` needs.
  var roomCount: Int {
    BlockGroup.sumCount + BlockLeft.count(depth: product.depth)
  }

  var panelCount: Int { (columns.count + 15) / 16 }

  private func panel(_ index: Int) -> UnsafeMutablePointer<Float> {
    panels + index &* blocks &* BlockPanel.words
  }

  /// The panel's first column, and how many of its sixteen are wanted.
  private func place(_ index: Int) -> (column: Int, width: Int) {
    let column = columns.lowerBound &+ 16 &* index
    return (column, min(16, columns.upperBound &- column))
  }

  /// Rounds the right side's numbers into one panel.
  func pack(_ index: Int) {
    let (column, width) = place(index)
    BlockPanel.pack(
      product.right, at: column &* product.columnStride, depth: product.depth, columns: width,
      depthStride: product.rightDepthStride, columnStride: product.columnStride,
      into: panel(index))
  }

  /// At most `BlockLeft.rowLimit` rows times all panels, on this thread.
  func multiply(_ rows: Range<Int>, _ room: UnsafeMutablePointer<Float>) {
    let left = BlockLeft(
      product.left + rows.lowerBound &* product.rowStride, rows: rows.count, depth: product.depth,
      rowStride: product.rowStride, depthStride: product.leftDepthStride,
      into: room + BlockGroup.sumCount)
    let line = product.result + rows.lowerBound &* product.resultStride
    for index in 0..<panelCount {
      let (column, width) = place(index)
      left.multiply(panel(index), into: room)
      BlockSums(
        sums: room, rows: rows.count, width: width, scale: product.scale,
        isAdded: product.accumulating
      ).put(into: line + column, stride: product.resultStride)
    }
  }
}
