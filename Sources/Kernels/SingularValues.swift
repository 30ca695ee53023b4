import COpenBLAS

/// A = U · diag(σ) · Vᵀ with k = min(rows, columns): LAPACK's divide and conquer (dgesdd), in Double on one thread.
///
/// The sign of a pair of vectors is free; here the largest entry of each of U's is positive, so that results can be compared.
public struct SingularValues: Sendable {
  public let rows: Int
  public let columns: Int
  /// σ, from the largest to the smallest; not negative.
  public let values: [Double]
  /// U, [rows, k], row-major.
  public private(set) var left: [Double]
  /// Vᵀ, [k, columns], row-major.
  public private(set) var right: [Double]

  /// Nil of a matrix that is not finite, or for which the iteration does not converge.
  ///
  /// `matrix` is [rows, columns], row-major.
  public init?(_ matrix: [Double], rows: Int, columns: Int) {
    precondition(matrix.count == rows * columns, "\(matrix.count) values for [\(rows), \(columns)]")
    guard matrix.allSatisfy(\.isFinite), let m = Int32(exactly: columns),
      let n = Int32(exactly: rows)
    else { return nil }
    let count = min(rows, columns)
    self.rows = rows
    self.columns = columns
    var values = [Double](repeating: 0, count: count)
    left = [Double](repeating: 0, count: rows * count)
    right = [Double](repeating: 0, count: count * columns)
    guard count > 0 else {
      self.values = []
      return
    }
    // Several threads would add up in another order.
    openblas_set_num_threads(1)
    // Row after row is the transposed, column after column: Aᵀ = V · diag(σ) · Uᵀ.
    let failed = Self.decompose(matrix, m, n, &values, &right, &left)
    self.values = values
    guard !failed else { return nil }
    orient(count)
  }

  private static func decompose(
    _ matrix: [Double], _ m: Int32, _ n: Int32, _ values: inout [Double], _ v: inout [Double],
    _ u: inout [Double]
  ) -> Bool {
    var matrix = matrix
    let k = min(m, n)
    var integers = [Int32](repeating: 0, count: 8 * Int(k))
    var status: Int32 = 0
    var job = Int8(UInt8(ascii: "S"))
    func run(_ work: inout [Double], _ size: Int32) {
      withUnsafePointer(to: m) { m in
        withUnsafePointer(to: n) { n in
          withUnsafePointer(to: k) { k in
            withUnsafePointer(to: size) { size in
              dgesdd_(
                &job, m, n, &matrix, m, &values, &v, m, &u, k, &work, size, &integers, &status, 1)
            }
          }
        }
      }
    }
    var query = [0.0]
    run(&query, -1)
    guard status == 0, query[0] >= 1, query[0] < Double(Int32.max) else { return true }
    var work = [Double](repeating: 0, count: Int(query[0]))
    run(&work, Int32(query[0]))
    return status != 0
  }

  private mutating func orient(_ count: Int) {
    for index in 0..<count {
      var largest = 0.0
      for row in 0..<rows where abs(left[row * count + index]) > abs(largest) {
        largest = left[row * count + index]
      }
      guard largest < 0 else { continue }
      for row in 0..<rows { left[row * count + index].negate() }
      for column in 0..<columns { right[index * columns + column].negate() }
    }
  }
}
