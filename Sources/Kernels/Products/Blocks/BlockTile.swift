import CVectors

/// How a tile's rows lie: from a row's word to the next row's, and to its own next.
protocol BlockLines {
  static var rowStep: Int { get }
  static var pairStep: Int { get }
}

/// The inner loop of products in block floating point: six or four rows by sixteen columns, held in registers.
///
/// The products of a block are added as integers, exactly; the blocks' sums as float32, one behind the other. An element's
/// bits are those of its row and its column, whatever stands beside them and on every processor.
enum BlockTile {
  static let rows = 6
  static let columns = 16

  /// Where a tile's operands lie (`BlockLeft`, `BlockPanel`).
  struct Operands {
    var left: UnsafePointer<Float>
    let panel: UnsafePointer<Float>
    let blocks: Int
    /// Whether the sums are of these blocks alone, and not added to those that are there.
    let isFirst: Bool
    /// What is asked for, and how many cache lines with each block.
    var ahead: UnsafePointer<Float>
    let lines: Int

    /// How far the asking goes on with each pair, where it is done evenly.
    @inline(__always) fileprivate var aheadStep: Int {
      (16 &* lines &+ BlockFloat.pairs &- 1) / BlockFloat.pairs
    }
  }

  /// Six rows' sums [6, 16], bound by multiplying.
  @inline(never) static func sixRows<Lines: BlockLines>(
    _ lines: Lines.Type, _ operands: Operands, into sums: UnsafeMutablePointer<Float>
  ) {
    sixRows(lines, operands, into: sums, asksEvenly: false)
  }

  /// Six rows' sums [6, 16], bound by reading the panel.
  @inline(never) static func sixRowsAlone<Lines: BlockLines>(
    _ lines: Lines.Type, _ operands: Operands, into sums: UnsafeMutablePointer<Float>
  ) {
    sixRows(lines, operands, into: sums, asksEvenly: true)
  }

  @inline(__always) private static func sixRows<Lines: BlockLines>(
    _ lines: Lines.Type, _ operands: Operands, into sums: UnsafeMutablePointer<Float>,
    asksEvenly: Bool
  ) {
    if operands.isFirst { sums.clear(6 &* columns) }
    let (next, step) = (Lines.rowStep, Lines.pairStep)
    var (block, right, ahead) = (operands.left, operands.panel, operands.ahead)
    for _ in 0..<operands.blocks {
      if !asksEvenly {
        for _ in 0..<operands.lines {
          zhinao_prefetch(ahead)
          ahead += 16
        }
      }
      var (s0, t0, s1, t1) = (Integers(), Integers(), Integers(), Integers())
      var (s2, t2, s3, t3) = (Integers(), Integers(), Integers(), Integers())
      var (s4, t4, s5, t5) = (Integers(), Integers(), Integers(), Integers())
      var x = block
      for _ in 0..<BlockFloat.pairs {
        if asksEvenly {
          zhinao_prefetch(ahead)
          ahead += operands.aheadStep
        }
        let (w, v) = (pairs(right), pairs(right + 8))
        var r = pair(x)
        (s0, t0) = (s0 &+ zhinao_pair_products(r, w), t0 &+ zhinao_pair_products(r, v))
        r = pair(x + next)
        (s1, t1) = (s1 &+ zhinao_pair_products(r, w), t1 &+ zhinao_pair_products(r, v))
        r = pair(x + 2 &* next)
        (s2, t2) = (s2 &+ zhinao_pair_products(r, w), t2 &+ zhinao_pair_products(r, v))
        r = pair(x + 3 &* next)
        (s3, t3) = (s3 &+ zhinao_pair_products(r, w), t3 &+ zhinao_pair_products(r, v))
        r = pair(x + 4 &* next)
        (s4, t4) = (s4 &+ zhinao_pair_products(r, w), t4 &+ zhinao_pair_products(r, v))
        r = pair(x + 5 &* next)
        (s5, t5) = (s5 &+ zhinao_pair_products(r, w), t5 &+ zhinao_pair_products(r, v))
        x += step
        right += columns
      }
      let (worth, rows) = ((right.lanes(at: 0), right.lanes(at: 8)), x)
      put(s0, t0, Lanes(repeating: rows[0 &* next]), worth, to: sums)
      put(s1, t1, Lanes(repeating: rows[1 &* next]), worth, to: sums + 16)
      put(s2, t2, Lanes(repeating: rows[2 &* next]), worth, to: sums + 32)
      put(s3, t3, Lanes(repeating: rows[3 &* next]), worth, to: sums + 48)
      put(s4, t4, Lanes(repeating: rows[4 &* next]), worth, to: sums + 64)
      put(s5, t5, Lanes(repeating: rows[5 &* next]), worth, to: sums + 80)
      block += BlockLeft.blockWords
      right += columns
    }
  }

  /// Four rows' sums [4, 16]: they may be bound by reading, and ask for what comes next evenly.
  @inline(never) static func fourRows<Lines: BlockLines>(
    _ lines: Lines.Type, _ operands: Operands, into sums: UnsafeMutablePointer<Float>
  ) {
    if operands.isFirst { sums.clear(4 &* columns) }
    let (next, step) = (Lines.rowStep, Lines.pairStep)
    var (block, right, ahead) = (operands.left, operands.panel, operands.ahead)
    for _ in 0..<operands.blocks {
      var (s0, t0, s1, t1) = (Integers(), Integers(), Integers(), Integers())
      var (s2, t2, s3, t3) = (Integers(), Integers(), Integers(), Integers())
      var x = block
      for _ in 0..<BlockFloat.pairs {
        zhinao_prefetch(ahead)
        ahead += operands.aheadStep
        let (w, v) = (pairs(right), pairs(right + 8))
        var r = pair(x)
        (s0, t0) = (s0 &+ zhinao_pair_products(r, w), t0 &+ zhinao_pair_products(r, v))
        r = pair(x + next)
        (s1, t1) = (s1 &+ zhinao_pair_products(r, w), t1 &+ zhinao_pair_products(r, v))
        r = pair(x + 2 &* next)
        (s2, t2) = (s2 &+ zhinao_pair_products(r, w), t2 &+ zhinao_pair_products(r, v))
        r = pair(x + 3 &* next)
        (s3, t3) = (s3 &+ zhinao_pair_products(r, w), t3 &+ zhinao_pair_products(r, v))
        x += step
        right += columns
      }
      let (worth, rows) = ((right.lanes(at: 0), right.lanes(at: 8)), x)
      put(s0, t0, Lanes(repeating: rows[0 &* next]), worth, to: sums)
      put(s1, t1, Lanes(repeating: rows[1 &* next]), worth, to: sums + 16)
      put(s2, t2, Lanes(repeating: rows[2 &* next]), worth, to: sums + 32)
      put(s3, t3, Lanes(repeating: rows[3 &* next]), worth, to: sums + 48)
      block += BlockLeft.blockWords
      right += columns
    }
  }

  private typealias Integers = SIMD8<Int32>

  /// Eight columns' words.
  @inline(__always) private static func pairs(_ place: UnsafePointer<Float>) -> SIMD16<Int16> {
    UnsafeRawPointer(place).loadUnaligned(as: SIMD16<Int16>.self)
  }

  /// A row's word, eight times.
  @inline(__always) private static func pair(_ place: UnsafePointer<Float>) -> SIMD16<Int16> {
    unsafeBitCast(
      SIMD8(repeating: UnsafeRawPointer(place).loadUnaligned(as: Int32.self)),
      to: SIMD16<Int16>.self)
  }

  /// The product of what both sides are worth is exact, and so is an integer's with it.
  @inline(__always) private static func put(
    _ first: Integers, _ second: Integers, _ rowWorth: Lanes, _ columnWorth: (Lanes, Lanes),
    to sums: UnsafeMutablePointer<Float>
  ) {
    sums.store(
      sums.lanes(at: 0).addingProduct(zhinao_floats(first), rowWorth * columnWorth.0), at: 0)
    sums.store(
      sums.lanes(at: 8).addingProduct(zhinao_floats(second), rowWorth * columnWorth.1), at: 8)
  }
}
