/// result [rows, columns] = scale · left · right, or added to it: one product, and parts of it.
///
/// Operands are read by strides: a transposed matrix is one with its strides exchanged. How the work
/// is cut up is a matter of caches and threads alone; no element's bits depend on it (`ProductTile`).
struct Product {
  var rows: Int
  var columns: Int
  var depth: Int
  /// The element (i, k) is at `left[i · rowStride + k · leftDepthStride]`.
  var left: UnsafePointer<Float>
  var rowStride: Int
  var leftDepthStride = 1
  /// The element (k, j) is at `right[k · rightDepthStride + j · columnStride]`.
  var right: RightSide
  var rightDepthStride: Int
  var columnStride: Int
  var result: UnsafeMutablePointer<Float>
  var resultStride: Int
  var scale: Float = 1
  var accumulating = false
  /// A second product of the same shape, added to this one's result while that is near.
  var addend: Addend?

  /// Panels that are packed at once stay in the third-level cache: two megabytes.
  private static let groupCount = 1 << 19
  /// A multiple of a tile's block of the depth, so that cutting there changes no chain.
  private static let slabDepth = 8 * ProductTile.depthBlock
  /// Rows that pass over a panel while it stays in the first-level cache.
  private static let rowBlock = 48

  /// A left side that runs across memory is copied into tiles first.
  private var packsLeft: Bool { leftDepthStride != 1 }
  private var slabDepth: Int { min(depth, Product.slabDepth) }
  private var groupPanels: Int { max(1, Product.groupCount / (16 * max(slabDepth, 1))) }

  /// How many numbers of room `multiply` needs for so many columns.
  func roomCount(columns: Int) -> Int {
    let panels = 16 * min((columns + 15) / 16, groupPanels)
    return panels * (slabDepth + (addend?.depth ?? 0))
      + (packsLeft ? Product.rowBlock * slabDepth : 0) + ProductTile.roomCount
  }

  /// Some rows and columns of the product, on this thread.
  func multiply(rows: Range<Int>, columns: Range<Int>, room: UnsafeMutablePointer<Float>) {
    guard !rows.isEmpty, !columns.isEmpty else { return }
    guard depth > 0 else { return clear(rows, columns) }
    var slab = self
    for start in stride(from: 0, to: depth, by: Product.slabDepth) {
      slab.depth = min(Product.slabDepth, depth - start)
      slab.left = left + start * leftDepthStride
      slab.right = right.advanced(by: start * rightDepthStride)
      slab.accumulating = accumulating || start > 0
      slab.addend = start + slab.depth == depth ? addend : nil
      slab.multiplySlab(rows, columns, room)
    }
  }

  private func multiplySlab(
    _ rows: Range<Int>, _ columns: Range<Int>, _ room: UnsafeMutablePointer<Float>
  ) {
    let width = 16 * groupPanels
    let panelCount = min((columns.count + 15) / 16, groupPanels)
    let addendRoom = room + panelCount * 16 * depth
    let rest = addendRoom + panelCount * 16 * (addend?.depth ?? 0)
    for start in stride(from: columns.lowerBound, to: columns.upperBound, by: width) {
      let group = start..<min(start + width, columns.upperBound)
      right.packPanels(
        group, depth: depth, depthStride: rightDepthStride, columnStride: columnStride, into: room)
      if let addend {
        addend.right.packPanels(
          group, depth: addend.depth, depthStride: addend.rightDepthStride,
          columnStride: addend.columnStride, into: addendRoom)
      }
      multiply(rows, panels: UnsafePointer(room), addends: addendRoom, group, room: rest)
    }
  }

  /// Rows times panels [depth, 16] that lie one behind the other and stand for `columns`, and those of the addend.
  private func multiply(
    _ rows: Range<Int>, panels: UnsafePointer<Float>, addends: UnsafePointer<Float>,
    _ columns: Range<Int>, room: UnsafeMutablePointer<Float>
  ) {
    let narrowRoom = room + (packsLeft ? Product.rowBlock &* depth : 0)
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Product.rowBlock) {
      let count = min(Product.rowBlock, rows.upperBound - start)
      var block = LeftBlock(
        start: left + start &* rowStride, rows: count, rowStride: rowStride, depth: depth,
        isPacked: packsLeft)
      if packsLeft {
        packTiles(
          block.start, rows: count, depth: depth, rowStride: rowStride,
          depthStride: leftDepthStride, into: room)
        block.start = UnsafePointer(room)
      }
      let line = result + start &* resultStride
      var (panel, addendPanel) = (panels, addends)
      for column in stride(from: columns.lowerBound, to: columns.upperBound, by: 16) {
        let width = min(16, columns.upperBound &- column)
        multiply(block, panel, line + column, width, scale, accumulating, narrowRoom)
        panel += 16 &* depth
        guard let addend else { continue }
        let added = LeftBlock(
          start: addend.left + start &* addend.depth, rows: count, rowStride: addend.depth,
          depth: addend.depth, isPacked: false)
        multiply(added, addendPanel, line + column, width, addend.scale, true, narrowRoom)
        addendPanel += 16 &* addend.depth
      }
    }
  }

  /// Some rows times a panel, of which `width` columns are wanted.
  private func multiply(
    _ block: LeftBlock, _ panel: UnsafePointer<Float>, _ place: UnsafeMutablePointer<Float>,
    _ width: Int, _ scale: Float, _ accumulating: Bool, _ room: UnsafeMutablePointer<Float>
  ) {
    func target(_ place: UnsafeMutablePointer<Float>, _ stride: Int) -> ProductTile.Target {
      ProductTile.Target(result: place, stride: stride, scale: scale, isAdded: false)
    }
    guard width < 16 else {
      return block.multiply(panel, into: target(place, resultStride), accumulating)
    }
    // The last columns go by way of a room of their own: what is behind them is somebody else's.
    for start in stride(from: 0, to: block.rows, by: ProductTile.rows) {
      let tile = block.tile(start)
      let line = place + start &* resultStride
      if accumulating {
        for row in 0..<tile.rows {
          for column in 0..<width {
            room[row &* 16 &+ column] = line[row &* resultStride &+ column]
          }
        }
      }
      tile.multiply(panel, into: target(room, 16), accumulating)
      for row in 0..<tile.rows {
        for column in 0..<width { line[row &* resultStride &+ column] = room[row &* 16 &+ column] }
      }
    }
  }

  private func clear(_ rows: Range<Int>, _ columns: Range<Int>) {
    guard !accumulating else { return }
    for row in rows { (result + (row &* resultStride &+ columns.lowerBound)).clear(columns.count) }
  }
}
