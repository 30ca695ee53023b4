import Kernels
import Testing

/// Products, lookups and packing of weights in two bytes: the bits of the numbers that they stand for.
@Suite struct WeightMatrixTests {
  /// Depths that eight does not divide, columns that sixteen does not, and more than is packed at once (2048).
  private static let shapes = [
    (32, 16, 24), (33, 100, 70), (5, 37, 2100), (7, 2100, 21), (1, 3, 5),
  ]

  private func weights(
    _ outputs: Int, _ inputs: Int, _ compute: Compute
  ) -> (full: Matrix, half: WeightMatrix, widened: Matrix) {
    var numbers = Numbers(40)
    let full = numbers.matrix(outputs, inputs)
    let half = BrainFloatMatrix(rows: outputs, columns: inputs)
    let widened = Matrix(rows: outputs, columns: inputs)
    compute.round(full, into: half)
    compute.widen(half, rows: 0..<outputs, into: widened)
    return (full, .bfloat16(half), widened)
  }

  private func products(
    _ compute: Compute, _ rows: Int, _ weights: WeightMatrix
  ) -> (y: [UInt32], dx: [UInt32]) {
    var numbers = Numbers(41)
    let (x, dy) = (numbers.matrix(rows, weights.columns), numbers.matrix(rows, weights.rows))
    let y = Matrix(rows: rows, columns: weights.rows)
    let dx = Matrix(rows: rows, columns: weights.columns)
    compute.multiply(x, transposed: weights, into: y)
    compute.multiply(dy, weights, into: dx)
    return (bits(y), bits(dx))
  }

  @Test(arguments: shapes, Precision.allCases)
  func productsHaveTheBitsOfTheWidenedWeights(shape: (Int, Int, Int), precision: Precision) {
    let compute = Compute(precision: precision, threads: 2)
    let (_, half, widened) = weights(shape.1, shape.2, compute)
    let (found, expected) = (
      products(compute, shape.0, half), products(compute, shape.0, .float32(widened))
    )
    #expect(found.y == expected.y)
    #expect(found.dx == expected.dx)
  }

  /// In bfloat16 oneDNN's product rounds its weights: that they were rounded before changes nothing.
  @Test(.enabled(if: Compute.multipliesBrainFloats), arguments: shapes)
  func roundedOnceIsRoundedAtEachProduct(shape: (Int, Int, Int)) {
    let compute = Compute(precision: .bfloat16, threads: 2)
    let (full, half, _) = weights(shape.1, shape.2, compute)
    let (found, expected) = (
      products(compute, shape.0, half), products(compute, shape.0, .float32(full))
    )
    #expect(found.y == expected.y)
    #expect(found.dx == expected.dx)
  }

  /// 1 + 2⁻⁸ is a tie between 1 and 1 + 2⁻⁷ and goes to the even; what is not a number stays none.
  @Test func numbersAreRoundedOnceAndWidenedExactly() {
    let compute = Compute()
    let half = BrainFloatMatrix(rows: 2, columns: 3)
    compute.round(
      Matrix(rows: 1, columns: 3, values: [1 + 0x1p-8, -.infinity, .nan]), into: half, at: 1)
    let widened = Matrix(rows: 2, columns: 3)
    compute.widen(half, rows: 0..<2, into: widened)
    #expect(Array(widened.array().prefix(5)) == [0, 0, 0, 1, -.infinity])
    #expect(widened[1, 2].isNaN)
  }

  @Test func rowsAreGatheredAsTheyAre() {
    let (_, half, widened) = weights(9, 33, Compute())
    let ids: [Int32] = [3, -1, 8, 3]
    let (found, expected) = (Matrix(rows: 4, columns: 33), Matrix(rows: 4, columns: 33))
    Compute().gather(half, ids: ids, into: found)
    Compute().gather(.float32(widened), ids: ids, into: expected)
    #expect(bits(found) == bits(expected))
  }

  @Test(arguments: PackedWeights.Format.allCases)
  func packedTheyAreWhatTheWidenedWeightsAre(format: PackedWeights.Format) {
    let compute = Compute(threads: 2)
    let (_, half, widened) = weights(50, 70, compute)
    var numbers = Numbers(42)
    let x = numbers.matrix(6, 70)
    let (found, expected) = (Matrix(rows: 6, columns: 50), Matrix(rows: 6, columns: 50))
    compute.multiply(x, packed: compute.pack(half, as: format), into: found)
    compute.multiply(x, packed: compute.pack(widened, as: format), into: expected)
    #expect(bits(found) == bits(expected))
  }
}
