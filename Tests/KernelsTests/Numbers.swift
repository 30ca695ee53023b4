import Kernels
import Testing

/// Numbers that look random and are the same in every run.
struct Numbers {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  /// In [-1, 1).
  mutating func next() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
  }

  mutating func matrix(_ rows: Int, _ columns: Int, scale: Float = 1) -> Matrix {
    Matrix(
      rows: rows, columns: columns,
      values: (0..<rows * columns).map { _ in next() * scale })
  }

  mutating func array(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }
}

/// A matrix in double precision, for references that are written as their formula.
struct Reference {
  var rows: Int
  var columns: Int
  var values: [Double]

  init(_ matrix: Matrix) {
    rows = matrix.rows
    columns = matrix.columns
    values = matrix.array().map(Double.init)
  }

  init(_ rows: Int, _ columns: Int) {
    self.rows = rows
    self.columns = columns
    values = Array(repeating: 0, count: rows * columns)
  }

  subscript(row: Int, column: Int) -> Double {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  var transposed: Reference {
    var result = Reference(columns, rows)
    for row in 0..<rows { for column in 0..<columns { result[column, row] = self[row, column] } }
    return result
  }

  func times(_ other: Reference) -> Reference {
    var result = Reference(rows, other.columns)
    for row in 0..<rows {
      for inner in 0..<columns {
        let factor = self[row, inner]
        for column in 0..<other.columns {
          result[row, column] += factor * other[inner, column]
        }
      }
    }
    return result
  }
}

/// The largest difference, over the largest magnitude of the reference.
func distance(_ values: [Float], _ reference: [Double]) -> Double {
  guard values.count == reference.count else { return .infinity }
  var (difference, size) = (0.0, 1e-30)
  for (value, expected) in zip(values, reference) {
    guard value.isFinite else { return .infinity }
    difference = max(difference, abs(Double(value) - expected))
    size = max(size, abs(expected))
  }
  return difference / size
}

func distance(_ matrix: Matrix, _ reference: Reference) -> Double {
  distance(matrix.array(), reference.values)
}

/// The bits, for comparisons in which -0 is not 0.
func bits(_ matrix: Matrix) -> [UInt32] { matrix.array().map(\.bitPattern) }
func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }
