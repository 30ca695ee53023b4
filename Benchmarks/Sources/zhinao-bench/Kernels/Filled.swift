import Kernels

extension Matrix {
  /// A matrix of small numbers of both signs.
  static func filled(rows: Int, columns: Int) -> Matrix {
    let matrix = Matrix(rows: rows, columns: columns)
    var state: UInt32 = 1
    let values = (0..<rows * columns).map { _ -> Float in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(Int32(bitPattern: state)) / Float(Int32.max)
    }
    matrix.buffer.copy(from: values, at: matrix.offset)
    return matrix
  }
}
