extension BlockLeft {
  /// As many blocks of a panel as stay in the first-level cache while rows pass over them.
  private static let nearBlocks = 12

  /// As many blocks as are summed up before they are added to the result: those of a product's slab.
  private static let slabBlocks = Product.slabDepth / BlockFloat.length

  /// How many numbers of room `multiply` needs.
  static let sumCount = rowLimit * BlockTile.columns

  /// All rows times a panel, whose sums [rows, 16] wait in `sums` until they are whole.
  ///
  /// Tiles ask for what follows the panel's blocks, each for its share.
  func multiply(
    _ panel: UnsafePointer<Float>, into target: BlockTarget, _ sums: UnsafeMutablePointer<Float>
  ) {
    if isByRows {
      multiply(Rows.self, panel, target, sums)
    } else {
      multiply(Across.self, panel, target, sums)
    }
  }

  @inline(__always) private func multiply<Lines: BlockLines>(
    _ type: Lines.Type, _ panel: UnsafePointer<Float>, _ target: BlockTarget,
    _ sums: UnsafeMutablePointer<Float>
  ) {
    let tiles = (rows &+ 5) / 6
    let lines = (BlockPanel.words / 16 &+ tiles &- 1) / tiles
    for slab in stride(from: 0, to: blocks, by: BlockLeft.slabBlocks) {
      let end = min(slab &+ BlockLeft.slabBlocks, blocks)
      var target = target
      target.isAdded = target.isAdded || slab > 0
      let parts = (end &- slab &+ BlockLeft.nearBlocks &- 1) / BlockLeft.nearBlocks
      let near = (end &- slab &+ parts &- 1) / parts
      for block in stride(from: slab, to: end, by: near) {
        let count = min(near, end &- block)
        let right = panel + block &* BlockPanel.words
        var operands = BlockTile.Operands(
          left: start, panel: right, blocks: count, isFirst: block == slab,
          ahead: right + count &* BlockPanel.words, lines: lines)
        var row = 0
        while row < rows {
          operands.left = UnsafePointer(place(row: row, block: block))
          let (height, sums) = (height(rows &- row), sums + row &* BlockTile.columns)
          if height == 4 {
            BlockTile.fourRows(type, operands, into: sums)
          } else if tiles == 1 {
            BlockTile.sixRowsAlone(type, operands, into: sums)
          } else {
            BlockTile.sixRows(type, operands, into: sums)
          }
          if block &+ count == end { target.put(sums, rows: min(height, rows &- row), from: row) }
          operands.ahead += count &* lines &* 16
          row &+= height
        }
      }
    }
  }

  /// Seven and eight rows are two tiles of four; rows of a tile stay together.
  private func height(_ left: Int) -> Int {
    left <= 4 || (isByRows && (left == 7 || left == 8)) ? 4 : 6
  }
}
