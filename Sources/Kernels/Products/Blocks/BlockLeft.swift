import CVectors

/// At most 48 rows of a left side in block floating point: of each block and row 32 words, and one with what the row's
/// integers are worth.
///
/// Rows that lie in memory follow each other within a block. Of rows that lie across it each six are a tile, in which each
/// word of all rows comes before the next, since that is how they are read.
struct BlockLeft {
  /// How many rows pass over a panel while it stays near.
  static let rowLimit = 48
  /// Of a row's block, and of a block.
  static let words = BlockFloat.pairs + 1
  static let blockWords = rowLimit * words

  enum Rows: BlockLines {
    static var rowStep: Int { @inline(__always) get { BlockFloat.pairs &+ 1 } }
    static var pairStep: Int { @inline(__always) get { 1 } }
  }

  enum Across: BlockLines {
    static var rowStep: Int { @inline(__always) get { 1 } }
    static var pairStep: Int { @inline(__always) get { 6 } }
  }

  let start: UnsafeMutablePointer<Float>
  let rows: Int
  let blocks: Int
  /// Whether a row's words follow each other.
  let isByRows: Bool

  /// How many float32 numbers' room rows of such a depth take.
  static func count(depth: Int) -> Int { BlockFloat.blocks(depth) * blockWords }

  /// A row's block, with which a tile starts: across memory each sixth.
  func place(row: Int, block: Int) -> UnsafeMutablePointer<Float> {
    start + (block &* BlockLeft.blockWords &+ row &* BlockLeft.words)
  }

  /// Rounds rows that lie in memory, or across it.
  ///
  /// The element (i, k) is at `source[i · rowStride + k · depthStride]`, where one of the two is 1.
  init(
    _ source: UnsafePointer<Float>, rows: Int, depth: Int, rowStride: Int, depthStride: Int,
    into room: UnsafeMutablePointer<Float>
  ) {
    self.init(rows: rows, depth: depth, isByRows: depthStride == 1, in: room)
    if isByRows {
      for row in 0..<rows { encode(row, source + row &* rowStride, depth) }
    } else {
      precondition(rowStride == 1, "numbers \(rowStride) and \(depthStride) apart")
      encodeAcross(source, depth, depthStride)
    }
  }

  /// Room for rows, each of which `encode` fills.
  init(rows: Int, depth: Int, isByRows: Bool = true, in room: UnsafeMutablePointer<Float>) {
    precondition(rows <= BlockLeft.rowLimit, "\(rows) rows at once")
    (start, self.rows, blocks) = (room, rows, BlockFloat.blocks(depth))
    self.isByRows = isByRows
  }

  /// Rounds a row's numbers, behind which there are zeros.
  func encode(_ row: Int, _ numbers: UnsafePointer<Float>, _ depth: Int) {
    let whole = depth / BlockFloat.length
    for block in 0..<whole {
      encode(numbers + block &* BlockFloat.length, into: place(row: row, block: block))
    }
    guard whole < blocks else { return }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: BlockFloat.length) { room in
      guard let last = room.baseAddress else { return }
      last.clear(BlockFloat.length)
      last.update(from: numbers + whole &* BlockFloat.length, count: depth % BlockFloat.length)
      encode(last, into: place(row: row, block: whole))
    }
  }

  /// One row's block from 64 numbers.
  private func encode(_ numbers: UnsafePointer<Float>, into block: UnsafeMutablePointer<Float>) {
    var largest = SIMD8<Int32>()
    for eight in 0..<8 {
      largest = zhinao_larger(largest, BlockFloat.magnitudes(numbers.lanes(at: 8 &* eight)))
    }
    let (inverse, worth) = BlockFloat.scales(SIMD8(repeating: zhinao_largest(largest)))
    let target = UnsafeMutableRawPointer(block)
    for eight in 0..<8 {
      let integers = BlockFloat.integers(numbers.lanes(at: 8 &* eight), inverse)
      target.storeBytes(
        of: zhinao_low_halves(integers), toByteOffset: 16 &* eight, as: SIMD8<UInt16>.self)
    }
    block[BlockFloat.pairs] = worth[0]
  }
}
