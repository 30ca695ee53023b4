/// Some columns of a product with its right side packed into panels.
struct PanelGroup: ProductGroup {
  static let rowLimit = 48

  let product: Product
  let columns: Range<Int>
  /// Panels [depth, 16] one behind the other, and behind them those of the addend.
  private let panels: UnsafeMutablePointer<Float>

  init(_ product: Product, _ columns: Range<Int>, room: UnsafeMutablePointer<Float>) {
    (self.product, self.columns, panels) = (product, columns, room)
  }

  static func count(_ product: Product, _ columns: Range<Int>) -> Int {
    (columns.count + 15) / 16 * 16 * (product.depth + (product.addend?.depth ?? 0))
  }

  var roomCount: Int {
    PanelGroup.rowLimit * (ProductTile.columns + (product.packsLeft ? product.depth : 0))
  }

  private func panel(_ index: Int) -> UnsafeMutablePointer<Float> {
    panels + index &* 16 &* product.depth
  }

  private func addendPanel(_ index: Int, _ depth: Int) -> UnsafeMutablePointer<Float> {
    panel(panelCount) + index &* 16 &* depth
  }

  func pack(_ index: Int) {
    let (column, width) = place(index)
    product.right.pack(
      at: column &* product.columnStride, depth: product.depth, columns: width,
      depthStride: product.rightDepthStride, columnStride: product.columnStride,
      into: panel(index))
    guard let addend = product.addend else { return }
    addend.pack(column, width: width, into: addendPanel(index, addend.depth))
  }

  func multiply(_ rows: Range<Int>, _ room: UnsafeMutablePointer<Float>) {
    let tiles = room + PanelGroup.rowLimit &* ProductTile.columns
    var block = LeftBlock(
      start: product.left + rows.lowerBound &* product.rowStride, rows: rows.count,
      rowStride: product.rowStride, depth: product.depth, isPacked: product.packsLeft)
    if product.packsLeft {
      packTiles(
        block.start, rows: rows.count, depth: product.depth, rowStride: product.rowStride,
        depthStride: product.leftDepthStride, into: tiles)
      block.start = UnsafePointer(tiles)
    }
    let line = product.result + rows.lowerBound &* product.resultStride
    for index in 0..<panelCount {
      let (column, width) = place(index)
      var target = ProductTile.Target(
        result: line + column, stride: product.resultStride, scale: product.scale, isAdded: false)
      block.multiply(panel(index), width: width, into: target, product.accumulating, room)
      guard let addend = product.addend else { continue }
      target.scale = addend.scale
      addend.rows(rows).multiply(
        addendPanel(index, addend.depth), width: width, into: target, true, room)
    }
  }
}
