/// Some columns of a product with its right side packed into panels.
struct PanelGroup {
  /// Rows that pass over a panel while it stays in the first-level cache.
  static let rowBlock = 48

  /// One slab: its left side's tiles have to find room beside the panels.
  let product: Product
  let columns: Range<Int>
  /// Panels [depth, 16] one behind the other, and behind them those of the addend.
  private let panels: UnsafeMutablePointer<Float>

  init(_ product: Product, _ columns: Range<Int>, room: UnsafeMutablePointer<Float>) {
    (self.product, self.columns, panels) = (product, columns, room)
  }

  /// How many numbers a group's panels are.
  static func count(_ product: Product, _ columns: Range<Int>) -> Int {
    (columns.count + 15) / 16 * 16 * (product.depth + (product.addend?.depth ?? 0))
  }

  /// How many numbers of room `multiply` needs.
  var roomCount: Int {
    PanelGroup.rowBlock * (ProductTile.columns + (product.packsLeft ? product.depth : 0))
  }

  var panelCount: Int { (columns.count + 15) / 16 }

  private func panel(_ index: Int) -> UnsafeMutablePointer<Float> {
    panels + index &* 16 &* product.depth
  }

  private func addendPanel(_ index: Int, _ depth: Int) -> UnsafeMutablePointer<Float> {
    panel(panelCount) + index &* 16 &* depth
  }

  /// The panel's first column, and how many of its sixteen are wanted.
  private func place(_ index: Int) -> (column: Int, width: Int) {
    let column = columns.lowerBound &+ 16 &* index
    return (column, min(16, columns.upperBound &- column))
  }

  /// Copies the right side's numbers into one panel.
  func pack(_ index: Int) {
    let (column, width) = place(index)
    product.right.pack(
      at: column &* product.columnStride, depth: product.depth, columns: width,
      depthStride: product.rightDepthStride, columnStride: product.columnStride,
      into: panel(index))
    guard let addend = product.addend else { return }
    addend.pack(column, width: width, into: addendPanel(index, addend.depth))
  }

  /// At most `rowBlock` rows times all panels, on this thread.
  func multiply(_ rows: Range<Int>, _ room: UnsafeMutablePointer<Float>) {
    let tiles = room + PanelGroup.rowBlock &* ProductTile.columns
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
