/// Some columns of a product in block floating point, its right side packed into panels.
struct BlockGroup: ProductGroup {
  static var rowLimit: Int { BlockLeft.rowLimit }

  let product: Product
  let columns: Range<Int>
  /// One behind the other, and behind them those of the addend.
  private let panels: UnsafeMutablePointer<Float>
  private let blocks: Int

  init(_ product: Product, _ columns: Range<Int>, room: UnsafeMutablePointer<Float>) {
    (self.product, self.columns, panels) = (product, columns, room)
    blocks = BlockFloat.blocks(product.depth)
  }

  static func count(_ product: Product, _ columns: Range<Int>) -> Int {
    (columns.count + 15) / 16
      * (BlockFloat.blocks(product.depth) * BlockPanel.words + 16 * (product.addend?.depth ?? 0))
  }

  var roomCount: Int {
    BlockLeft.sumCount + BlockLeft.count(depth: product.depth)
  }

  private func panel(_ index: Int) -> UnsafeMutablePointer<Float> {
    panels + index &* blocks &* BlockPanel.words
  }

  private func addendPanel(_ index: Int, _ depth: Int) -> UnsafeMutablePointer<Float> {
    panel(panelCount) + index &* 16 &* depth
  }

  func pack(_ index: Int) {
    let (column, width) = place(index)
    BlockPanel.pack(
      product.right, at: column &* product.columnStride, depth: product.depth, columns: width,
      depthStride: product.rightDepthStride, columnStride: product.columnStride,
      into: panel(index))
    guard let addend = product.addend else { return }
    addend.pack(column, width: width, into: addendPanel(index, addend.depth))
  }

  func multiply(_ rows: Range<Int>, _ room: UnsafeMutablePointer<Float>) {
    let left = BlockLeft(
      product.left + rows.lowerBound &* product.rowStride, rows: rows.count, depth: product.depth,
      rowStride: product.rowStride, depthStride: product.leftDepthStride,
      into: room + BlockLeft.sumCount)
    let line = product.result + rows.lowerBound &* product.resultStride
    for index in 0..<panelCount {
      let (column, width) = place(index)
      left.multiply(
        panel(index),
        into: BlockTarget(
          place: line + column, stride: product.resultStride, width: width, scale: product.scale,
          isAdded: product.accumulating), room)
      guard let addend = product.addend else { continue }
      addend.rows(rows).multiply(
        addendPanel(index, addend.depth), width: width,
        into: ProductTile.Target(
          result: line + column, stride: product.resultStride, scale: addend.scale, isAdded: false),
        true, room)
    }
  }
}
