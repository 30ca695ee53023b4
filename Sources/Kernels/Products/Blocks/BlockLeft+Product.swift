extension BlockLeft {
  /// As many blocks of a panel as stay in the first-level cache while rows pass over them.
  private static let nearBlocks = 12

  /// All rows times a panel: sums [rows, 16].
  ///
  /// Tiles ask for what follows the panel's blocks, each for its share.
  func multiply(_ panel: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>) {
    if isByRows {
      multiply(Rows.self, panel, into: sums)
    } else {
      multiply(Across.self, panel, into: sums)
    }
  }

  @inline(__always) private func multiply<Lines: BlockLines>(
    _ type: Lines.Type, _ panel: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>
  ) {
    let parts = (blocks &+ BlockLeft.nearBlocks &- 1) / BlockLeft.nearBlocks
    let near = (blocks &+ parts &- 1) / parts
    let tiles = (rows &+ 5) / 6
    let lines = (BlockPanel.words / 16 &+ tiles &- 1) / tiles
    for block in stride(from: 0, to: blocks, by: near) {
      let count = min(near, blocks &- block)
      let right = panel + block &* BlockPanel.words
      var operands = BlockTile.Operands(
        left: start, panel: right, blocks: count,
        isFirst: block == 0, ahead: right + count &* BlockPanel.words, lines: lines)
      var (row, target) = (0, sums)
      while row < rows {
        operands.left = UnsafePointer(place(row: row, block: block))
        let height = height(rows &- row)
        if height == 4 {
          BlockTile.fourRows(type, operands, into: target)
        } else if tiles == 1 {
          BlockTile.sixRowsAlone(type, operands, into: target)
        } else {
          BlockTile.sixRows(type, operands, into: target)
        }
        operands.ahead += count &* lines &* 16
        target += height &* BlockTile.columns
        row &+= height
      }
    }
  }

  /// Seven and eight rows are two tiles of four; rows of a tile stay together.
  private func height(_ left: Int) -> Int {
    left <= 4 || (isByRows && (left == 7 || left == 8)) ? 4 : 6
  }
}
