import CVectors

/// Which eight outputs of a panel.
protocol PanelHalf {
  static var index: Int { get }
}

enum FirstHalf: PanelHalf {
  static var index: Int { @inline(__always) get { 0 } }
}

enum SecondHalf: PanelHalf {
  static var index: Int { @inline(__always) get { 1 } }
}

extension PackedTile {
  /// Where a wide tile's operands lie: rows, a panel and another one of which half is wanted.
  struct WideOperands {
    /// [rows, depth], its rows `rowStride` apart.
    var left: UnsafePointer<Float>
    /// The same again: what the compiler takes for other numbers it does not keep in registers, which are all needed
    /// for sums.
    var leftAgain: UnsafePointer<Float>
    var rowStride: Int
    var panel: UnsafeRawPointer
    var other: UnsafeRawPointer
    /// A multiple of four.
    var depth: Int
    /// What is asked for meanwhile: as many bytes as the panel's.
    var ahead: UnsafeRawPointer
  }

  /// At most four rows × 24 outputs for one block of the depth, of bfloat16 numbers.
  ///
  /// Twelve sums are in flight instead of eight.
  @inline(__always) static func wide<Half: PanelHalf>(
    _ half: Half.Type, rows: Int, _ operands: WideOperands, into target: ProductTile.Target,
    _ halfTarget: ProductTile.Target
  ) {
    switch rows {
    case 1: wide(half, OneRow(), HalfRow(), operands, target, halfTarget)
    case 2: wide(half, TwoRows(), TwoHalfRows(), operands, target, halfTarget)
    case 3: wide(half, ThreeRows(), ThreeHalfRows(), operands, target, halfTarget)
    default: wide(half, FourRows(), FourHalfRows(), operands, target, halfTarget)
    }
  }

  @inline(never)
  private static func wide<Half: PanelHalf, Rows: RowSums, HalfRows: RowSums>(
    _ half: Half.Type, _ rows: Rows, _ halfRows: HalfRows, _ operands: WideOperands,
    _ target: ProductTile.Target, _ halfTarget: ProductTile.Target
  ) {
    typealias Reader = BrainFloatReader
    var (rows, halfRows) = (rows, halfRows)
    var (x, again, ahead) = (operands.left, operands.leftAgain, operands.ahead)
    var (quad, other) = (operands.panel, operands.other)
    for _ in 0..<operands.depth / 4 {
      for line in 0..<Reader.quadBytes / 64 { zhinao_prefetch(ahead + 64 &* line) }
      for step in 0..<4 {
        rows.add(
          x + step, operands.rowStride, Reader.lanes(quad, step, half: 0, ()),
          Reader.lanes(quad, step, half: 1, ()))
        let numbers = Reader.lanes(other, step, half: Half.index, ())
        halfRows.add(again + step, operands.rowStride, numbers, numbers)
      }
      x += 4
      again += 4
      quad += Reader.quadBytes
      other += Reader.quadBytes
      ahead += Reader.quadBytes
    }
    rows.put(into: target, 0)
    halfRows.put(into: halfTarget, 0)
  }
}
