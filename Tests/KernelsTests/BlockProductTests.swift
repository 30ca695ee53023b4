import Testing

@testable import Kernels

/// Products in block floating point, whatever the processor has instructions for.
struct BlockProductTests {
  /// Rows, columns and depths that tiles, panels and blocks divide and do not; more than one slab; a depth in several near parts.
  private static let shapes = [
    (1, 16, 64), (6, 40, 128), (7, 33, 100), (13, 100, 70), (50, 48, 576), (97, 20, 1600),
    (5, 37, 2100),
  ]

  /// Each element is what its definition says, in the way there and in both ways back.
  @Test(arguments: shapes)
  func anElementIsTheSumOfItsBlocks(rows: Int, columns: Int, depth: Int) {
    var numbers = Numbers(50)
    let (x, w) = (numbers.matrix(rows, depth), numbers.matrix(columns, depth))
    let expected = BlockReference(left: lines(of: x), right: lines(of: w)).products
    #expect(bits(product(x, transposed: w)) == expected.map(\.bitPattern))
    #expect(bits(product(x, transposed(w))) == expected.map(\.bitPattern))
    #expect(bits(product(transposed: transposed(x), transposed(w))) == expected.map(\.bitPattern))
  }

  /// Twelve bits of the largest of 64.
  @Test(arguments: shapes)
  func productsAreNearThoseOfDoubles(rows: Int, columns: Int, depth: Int) {
    var numbers = Numbers(51)
    let (x, y) = (numbers.matrix(depth, rows), numbers.matrix(depth, columns))
    let found = product(transposed: x, y)
    #expect(distance(found, Reference(x).transposed.times(Reference(y))) < 2.5e-4)
  }

  /// The largest integers of one sign, 64 of them: the sum is just below what 32 bits hold.
  @Test(arguments: [1, -1] as [Float])
  func theLargestSumsAreExact(sign: Float) {
    let x = Matrix(rows: 7, columns: 128, values: Array(repeating: 5792, count: 7 * 128))
    let y = Matrix(rows: 20, columns: 128, values: Array(repeating: sign * 5792, count: 20 * 128))
    let found = product(transposed: transposed(x), transposed(y))
    #expect(found.array().allSatisfy { $0 == sign * 128 * 5792 * 5792 })
  }

  /// Powers of two are no loss, from small numbers to large ones; nor are zeros.
  @Test(arguments: [-100, -60, 0, 60, 90])
  func scalesAreExact(exponent: Int) {
    var numbers = Numbers(52)
    let (x, y) = (numbers.matrix(70, 9), numbers.matrix(70, 18))
    let scaled = Matrix(rows: 70, columns: 9)
    let scale = Float(sign: .plus, exponent: exponent, significand: 1)
    for row in 0..<70 { for column in 0..<9 { scaled[row, column] = x[row, column] * scale } }
    let (plain, found) = (product(transposed: x, y), product(transposed: scaled, y))
    #expect(bits(found) == plain.array().map { ($0 * scale).bitPattern })
    let zeros = Matrix(rows: 70, columns: 9)
    #expect(product(transposed: zeros, y).array().allSatisfy { $0 == 0 })
  }

  /// What is not finite makes its own row or column no number, and no other.
  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func whatIsNotFiniteStaysWithItsRow(value: Float) {
    var numbers = Numbers(53)
    let (x, w) = (numbers.matrix(9, 100), numbers.matrix(20, 100))
    let sound = product(x, transposed: w)
    x[4, 70] = value
    let found = product(x, transposed: w)
    for row in 0..<9 where row != 4 {
      #expect(bits(found.rows(row..<row + 1)) == bits(sound.rows(row..<row + 1)))
    }
    #expect(found.rows(4..<5).array().allSatisfy { $0.isNaN })
  }

  /// Of any height, with a scale and added to what is there, on any threads; as they are packed for decoding, too.
  @Test(arguments: [1, 2, 4, 5, 6, 7, 8, 11, 48, 50, 130], [(75, 610), (576, 192), (18, 4200)])
  func aRowHasTheSameBitsInAnyCompany(height: Int, shape: (outputs: Int, inputs: Int)) {
    var numbers = Numbers(54)
    let (x, w) = (numbers.matrix(height, shape.inputs), numbers.matrix(shape.outputs, shape.inputs))
    let start = numbers.matrix(height, shape.outputs)
    let packed = PackedWeights(
      outputs: shape.outputs, inputs: shape.inputs, format: .bfloat16, isInBlocks: true,
      in: WeightMemory())
    compute.pack(.float32(w), into: packed, at: 0)
    let alone = Matrix(rows: height, columns: shape.outputs)
    compute.copy(start, to: alone)
    for row in 0..<height {
      product(x.rows(row..<row + 1), transposed: w, added: alone.rows(row..<row + 1))
    }
    for threads in 1...2 {
      let (together, decoded) = (
        Matrix(rows: height, columns: shape.outputs), Matrix(rows: height, columns: shape.outputs)
      )
      compute.copy(start, to: together)
      compute.copy(start, to: decoded)
      product(x, transposed: w, added: together, threads: threads)
      Compute(threads: threads).multiplyBlocks(
        x, [PackedLayer(packed, into: decoded)], 0.5, true)
      #expect(bits(together) == bits(alone))
      #expect(bits(decoded) == bits(alone))
    }
  }
}

extension BlockProductTests {
  private var compute: Compute { Compute(threads: 2) }

  private func product(_ x: Matrix, transposed w: Matrix) -> Matrix {
    let y = Matrix(rows: x.rows, columns: w.rows)
    compute.runBlocks(forward(x, w, y))
    return y
  }

  /// y += 0.5 · x · wᵀ.
  private func product(_ x: Matrix, transposed w: Matrix, added y: Matrix, threads: Int = 1) {
    var product = forward(x, w, y)
    (product.scale, product.accumulating) = (0.5, true)
    Compute(threads: threads).runBlocks(product)
  }

  private func forward(_ x: Matrix, _ w: Matrix, _ y: Matrix) -> Product {
    Product(
      rows: x.rows, columns: w.rows, depth: x.columns, left: x.pointer, rowStride: x.columns,
      right: .float32(w.pointer), rightDepthStride: 1, columnStride: w.columns,
      result: y.writable, resultStride: y.columns)
  }

  private func product(_ x: Matrix, _ w: Matrix) -> Matrix {
    let y = Matrix(rows: x.rows, columns: w.columns)
    compute.runBlocks(
      Product(
        rows: x.rows, columns: w.columns, depth: x.columns, left: x.pointer, rowStride: x.columns,
        right: .float32(w.pointer), rightDepthStride: w.columns, columnStride: 1,
        result: y.writable, resultStride: y.columns))
    return y
  }

  private func product(transposed x: Matrix, _ y: Matrix) -> Matrix {
    let result = Matrix(rows: x.columns, columns: y.columns)
    compute.runBlocks(
      Product(
        rows: x.columns, columns: y.columns, depth: x.rows, left: x.pointer, rowStride: 1,
        leftDepthStride: x.columns, right: .float32(y.pointer), rightDepthStride: y.columns,
        columnStride: 1, result: result.writable, resultStride: result.columns))
    return result
  }

  private func transposed(_ x: Matrix) -> Matrix {
    let y = Matrix(rows: x.columns, columns: x.rows)
    for row in 0..<x.rows { for column in 0..<x.columns { y[column, row] = x[row, column] } }
    return y
  }

  private func lines(of x: Matrix) -> [[Float]] { (0..<x.rows).map { x.rows($0..<$0 + 1).array() } }
}

/// Products in block floating point number by number.
private struct BlockReference {
  let left: [[Float]]
  let right: [[Float]]

  /// left · rightᵀ, row by row; every 2048 numbers are summed up for themselves.
  var products: [Float] {
    let (left, right) = (left.map(blocks), right.map(blocks))
    return left.flatMap { row in
      right.map { column in
        stride(from: 0, to: row.count, by: 32).map { start in
          zip(row, column).dropFirst(start).prefix(32).reduce(Float(0)) { sum, pair in
            let product = zip(pair.0.integers, pair.1.integers).reduce(0) { $0 + $1.0 * $1.1 }
            return sum.addingProduct(Float(product), pair.0.worth * pair.1.worth)
          }
        }.reduce(nil) { (sum: Float?, part) in sum.map { $0 + part } ?? part } ?? 0
      }
    }
  }

  private func blocks(_ numbers: [Float]) -> [(integers: [Int], worth: Float)] {
    stride(from: 0, to: numbers.count, by: 64).map { start in
      let block = numbers[start..<min(start + 64, numbers.count)]
      let steps = (block.map { abs($0) }.max() ?? 0) / 5792
      var worth = Float(sign: .plus, exponent: steps.exponent, significand: 1)
      if worth < steps { worth *= 2 }
      return (block.map { Int(($0 / worth).rounded(.toNearestOrEven)) }, worth)
    }
  }
}
