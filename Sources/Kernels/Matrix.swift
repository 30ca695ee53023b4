/// A view of a buffer as rows that lie one behind the other: [rows, columns].
public struct Matrix {
  public let buffer: FloatBuffer
  /// Where the first row starts in the buffer.
  public let offset: Int
  public let rows: Int
  public let columns: Int

  /// A zeroed matrix in memory of its own.
  public init(rows: Int, columns: Int) {
    self.init(FloatBuffer(count: rows * columns), rows: rows, columns: columns)
  }

  public init(_ buffer: FloatBuffer, offset: Int = 0, rows: Int, columns: Int) {
    precondition(
      offset >= 0 && rows >= 0 && columns >= 0 && offset + rows * columns <= buffer.count,
      "[\(rows), \(columns)] at \(offset) does not fit a buffer of \(buffer.count) numbers")
    self.buffer = buffer
    self.offset = offset
    self.rows = rows
    self.columns = columns
  }

  /// A matrix of its own that holds `values`, row by row.
  public init(rows: Int, columns: Int, values: [Float]) {
    precondition(
      values.count == rows * columns, "\(values.count) values for [\(rows), \(columns)]")
    self.init(rows: rows, columns: columns)
    buffer.copy(from: values, at: 0)
  }

  /// All of a buffer as one row.
  public init(whole buffer: FloatBuffer) {
    self.init(buffer, rows: 1, columns: buffer.count)
  }

  public var count: Int { rows * columns }

  /// [rows, columns], for messages and comparisons.
  public var shape: [Int] { [rows, columns] }

  /// Some of the rows, in the same memory.
  public func rows(_ range: Range<Int>) -> Matrix {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of a matrix of \(rows)")
    return Matrix(
      buffer, offset: offset + range.lowerBound * columns, rows: range.count, columns: columns)
  }

  public subscript(row: Int, column: Int) -> Float {
    get {
      checkPlace(row, column)
      return buffer[offset + row * columns + column]
    }
    nonmutating set {
      checkPlace(row, column)
      buffer[offset + row * columns + column] = newValue
    }
  }

  /// A copy of all numbers, row by row.
  public func array() -> [Float] { buffer.array(offset..<offset + count) }

  var pointer: UnsafePointer<Float> { UnsafePointer(buffer.pointer + offset) }
  var writable: UnsafeMutablePointer<Float> { buffer.writable + offset }

  private func checkPlace(_ row: Int, _ column: Int) {
    precondition(
      row >= 0 && row < rows && column >= 0 && column < columns,
      "no place (\(row), \(column)) in [\(rows), \(columns)]")
  }

  func requireShape(_ rows: Int, _ columns: Int, _ role: StaticString) {
    precondition(
      self.rows == rows && self.columns == columns,
      "\(role) is \(shape), not [\(rows), \(columns)]")
  }
}
