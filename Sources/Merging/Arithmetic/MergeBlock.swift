/// How a method wants a tensor cut into blocks.
public enum BlockCut: Sendable, Equatable {
  /// Anywhere: elements are merged without regard to rows.
  case anywhere
  /// Between rows of the last dimension (a vector is one row), each padded to whole lanes.
  case rows
  /// As `rows`, with rows of everything but the first dimension (a vector has rows of one).
  case outerRows
}

/// A stretch of the same tensor of every model.
///
/// Lanes behind the last element of a row are zero in every model, and what a method makes of them is not used.
public struct MergeBlock: Sendable {
  /// Row-major; empty without a base.
  public internal(set) var base: [Lanes] = []
  public internal(set) var models: [[Lanes]] = []
  /// Which rows of the tensor these are.
  ///
  /// Cut anywhere there is one row, of as many elements as there are here.
  public internal(set) var rows = 0..<0
  /// Elements in a row.
  public internal(set) var columns = 0
  /// The first lanes' position, counted in lanes from the tensor's first.
  public internal(set) var position = 0

  public var lanesPerRow: Int { (columns + 7) / 8 }
  public var lanes: Range<Int> { 0..<rows.count * lanesPerRow }

  /// The lanes of one of this block's rows, counted from its first.
  func lanes(row: Int) -> Range<Int> { row * lanesPerRow..<(row + 1) * lanesPerRow }

  /// How many of the elements at some lanes are in the tensor, rather than behind a row's end.
  func elementCount(at lanes: Int) -> Int { min(8, columns - lanes % max(1, lanesPerRow) * 8) }

  init() {}
}

/// A tensor's blocks.
struct BlockLayout: Sendable {
  /// Elements of a block that is cut anywhere: a few models' stay in a core's own cache.
  static let size = 8192

  let cut: BlockCut
  let count: Int
  let columns: Int
  let rowsPerBlock: Int
  let blockCount: Int

  init(shape: [Int], cut: BlockCut) {
    self.cut = cut
    let count = shape.reduce(1, &*)
    self.count = count
    switch cut {
    case .anywhere: columns = BlockLayout.size
    case .rows: columns = shape.last ?? 1
    case .outerRows: columns = shape.isEmpty ? 1 : shape.dropFirst().reduce(1, &*)
    }
    rowsPerBlock = max(1, BlockLayout.size / max(8, (columns + 7) / 8 * 8))
    let step = columns * rowsPerBlock
    blockCount = count == 0 ? 0 : (count + step - 1) / step
  }

  /// The elements of a block.
  func elements(_ block: Int) -> Range<Int> {
    let step = columns * rowsPerBlock
    return block * step..<min(count, (block + 1) * step)
  }

  /// Fills a block from a tensor's inputs.
  func read(_ index: Int, base: MergeInput?, models: [MergeInput], into block: inout MergeBlock)
    throws
  {
    let elements = elements(index)
    let first = index * rowsPerBlock
    block.columns = cut == .anywhere ? elements.count : columns
    block.rows = cut == .anywhere ? index..<index + 1 : first..<first + elements.count / columns
    block.position = first * ((columns + 7) / 8)
    if block.models.count != models.count {
      block.models = [[Lanes]](repeating: [], count: models.count)
    }
    let (rows, width) = (block.rows.count, block.columns)
    if let base {
      try fill(&block.base, from: base, elements, rows, width)
    } else {
      block.base = []
    }
    for (model, input) in models.enumerated() {
      try fill(&block.models[model], from: input, elements, rows, width)
    }
  }

  private func fill(
    _ lanes: inout [Lanes], from input: MergeInput, _ elements: Range<Int>, _ rows: Int,
    _ width: Int
  ) throws {
    let lanesPerRow = (width + 7) / 8
    // The lanes behind a row's end have to be zero, whatever stood there.
    if lanes.count != rows * lanesPerRow || width % 8 != 0 {
      lanes = [Lanes](repeating: Lanes(), count: rows * lanesPerRow)
    }
    if width % 8 == 0 || rows == 1 {
      try lanes.withFloats(0..<elements.count) { try input.read(elements, into: &$0) }
      return
    }
    for row in 0..<rows {
      let start = row * lanesPerRow * 8
      let source = elements.lowerBound + row * width
      try lanes.withFloats(start..<start + width) {
        try input.read(source..<source + width, into: &$0)
      }
    }
  }
}
