/// Bfloat16 numbers in rows that lie one behind the other, [rows, columns]: a `Matrix` in half the memory.
///
/// It is written whole rows at a time and read by products (`WeightMatrix`).
public final class BrainFloatMatrix {
  public let rows: Int
  public let columns: Int
  /// At a cache line.
  let pointer: UnsafeMutablePointer<UInt16>
  private let stretch: Pages

  /// Zeros, in memory that a network's weights share.
  public init(rows: Int, columns: Int, in shared: WeightMemory = WeightMemory()) {
    let (count, overflows) = rows.multipliedReportingOverflow(by: columns)
    precondition(
      rows > 0 && columns > 0 && !overflows && count < Int.max / 2,
      "no numbers of [\(rows), \(columns)]")
    (self.rows, self.columns) = (rows, columns)
    let (stretch, start) = shared.take(2 * count)
    self.stretch = stretch
    pointer = start.bindMemory(to: UInt16.self, capacity: count)
  }
}

extension Compute {
  /// Rounds `values` [n, columns] to the rows of `target` from `row` on; what is bfloat16 already stays as it is.
  public func round(_ values: Matrix, into target: BrainFloatMatrix, at row: Int = 0) {
    precondition(
      values.columns == target.columns && row >= 0 && row + values.rows <= target.rows,
      "\(values.shape) does not fit [\(target.rows), \(target.columns)] at \(row)")
    roundToBrainFloat(
      values.pointer, into: target.pointer + row * target.columns, count: values.count)
  }

  /// Some rows of `source` as float32 into `target` [rows, columns].
  public func widen(_ source: BrainFloatMatrix, rows: Range<Int>, into target: Matrix) {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= source.rows, "rows \(rows) of \(source.rows)")
    target.requireShape(rows.count, source.columns, "what is widened")
    widenBrainFloats(
      source.pointer + rows.lowerBound * source.columns, into: target.writable,
      count: target.count)
  }
}
