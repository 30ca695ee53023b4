import Kernels
import Testing

/// The three products of a linear layer, on both engines, against sums in double precision.
struct ProductTests {
  private static let shapes = [
    (32, 8, 24), (33, 100, 70), (64, 300, 260), (5, 700, 129), (96, 1, 40),
  ]

  @Test(arguments: shapes)
  func productsAgreeWithDoubles(rows: Int, outputs: Int, inputs: Int) {
    check(Compute(threads: 2), rows, outputs, inputs, within: 2e-6)
  }

  /// bfloat16 keeps eight bits of an input: errors of 2⁻⁹ a factor, averaging out over a sum.
  @Test(arguments: shapes)
  func bfloat16ProductsAreNear(rows: Int, outputs: Int, inputs: Int) {
    check(Compute(precision: .bfloat16, threads: 2), rows, outputs, inputs, within: 1e-2)
  }

  private func check(
    _ compute: Compute, _ rows: Int, _ outputs: Int, _ inputs: Int, within tolerance: Double
  ) {
    var numbers = Numbers(1)
    let x = numbers.matrix(rows, inputs)
    let w = numbers.matrix(outputs, inputs)
    let dy = numbers.matrix(rows, outputs)
    let y = Matrix(rows: rows, columns: outputs)
    let dx = Matrix(rows: rows, columns: inputs)
    let dw = Matrix(rows: outputs, columns: inputs)
    compute.multiply(x, transposed: w, into: y)
    compute.multiply(dy, w, into: dx)
    compute.multiply(transposed: dy, x, into: dw)
    #expect(distance(y, Reference(x).times(Reference(w).transposed)) < tolerance)
    #expect(distance(dx, Reference(dy).times(Reference(w))) < tolerance)
    #expect(distance(dw, Reference(dy).transposed.times(Reference(x))) < tolerance)
  }

  /// Twice half a product on top of the whole is two products.
  @Test(arguments: Precision.allCases)
  func scaledProductsAreAdded(precision: Precision) {
    let compute = Compute(precision: precision)
    var numbers = Numbers(2)
    for (outputs, inputs) in [(40, 24), (300, 260)] {
      let (x, w) = (numbers.matrix(32, inputs), numbers.matrix(outputs, inputs))
      let (once, twice) = (
        Matrix(rows: 32, columns: outputs), Matrix(rows: 32, columns: outputs)
      )
      compute.multiply(x, transposed: w, into: once)
      compute.copy(once, to: twice)
      for _ in 0..<2 {
        compute.multiply(x, transposed: w, into: twice, scale: 0.5, accumulating: true)
      }
      #expect(distance(twice, Reference(once).scaled(by: 2)) < 1e-5)
    }
  }

  /// Of an adapter, beside its layer and on the way back.
  @Test(arguments: Precision.allCases, [(7, 40, 600), (50, 33, 2100)])
  func aTermOfLowRankIsASecondProduct(precision: Precision, size: (Int, Int, Int)) {
    let (rows, outputs, inputs) = size
    let compute = Compute(precision: precision, threads: 2)
    var numbers = Numbers(7)
    let (x, w, inner) = (
      numbers.matrix(rows, inputs), numbers.matrix(outputs, inputs), numbers.matrix(rows, 5)
    )
    let (dy, down, up) = (
      numbers.matrix(rows, outputs), numbers.matrix(5, inputs), numbers.matrix(outputs, 5)
    )
    let (y, dx) = (numbers.matrix(rows, outputs), numbers.matrix(rows, inputs))
    let (y2, dx2) = (Matrix(rows: rows, columns: outputs), Matrix(rows: rows, columns: inputs))
    compute.copy(dx, to: dx2)
    compute.multiply(x, transposed: w, into: y, adding: LowRankTerm(inner, up, scale: 2))
    compute.multiply(x, transposed: w, into: y2)
    compute.exact.multiply(inner, transposed: up, into: y2, scale: 2, accumulating: true)
    #expect(bits(y) == bits(y2))
    compute.multiply(dy, w, into: dx, accumulating: true, adding: LowRankTerm(inner, down))
    compute.multiply(dy, w, into: dx2, accumulating: true)
    compute.exact.multiply(inner, down, into: dx2, accumulating: true)
    #expect(bits(dx) == bits(dx2))
  }

  /// A narrow gradient is computed turned over, a wide one as it is.
  @Test(arguments: [false, true])
  func aNarrowGradientHasTheBitsOfAWideOne(accumulating: Bool) {
    let compute = Compute(threads: 2)
    var numbers = Numbers(8)
    let (dy, x) = (numbers.matrix(600, 130), numbers.matrix(600, 70))
    let wide = numbers.matrix(130, 70)
    let first = Matrix(rows: 600, columns: 6)
    let narrow = Matrix(rows: 130, columns: 6)
    compute.copyColumns(from: x, at: 0, to: first, at: 0, count: 6)
    compute.copyColumns(from: wide, at: 0, to: narrow, at: 0, count: 6)
    compute.multiply(transposed: dy, x, into: wide, scale: 3, accumulating: accumulating)
    compute.multiply(transposed: dy, first, into: narrow, scale: 3, accumulating: accumulating)
    let expected = Matrix(rows: 130, columns: 6)
    compute.copyColumns(from: wide, at: 0, to: expected, at: 0, count: 6)
    #expect(bits(narrow) == bits(expected))
  }

  /// What every product's element is: chains of fused multiply-adds over 256 products, added in order.
  @Test(arguments: [(7, 40, 600), (1, 16, 256), (13, 17, 257)])
  func everyElementIsAChainOfMultiplyAdds(rows: Int, outputs: Int, inputs: Int) {
    var numbers = Numbers(3)
    let (x, w) = (numbers.matrix(rows, inputs), numbers.matrix(outputs, inputs))
    let y = Matrix(rows: rows, columns: outputs)
    Compute(threads: 2).multiply(x, transposed: w, into: y)
    for row in 0..<rows {
      for output in 0..<outputs {
        var sum: Float = 0
        for start in stride(from: 0, to: inputs, by: 256) {
          var chain: Float = 0
          for k in start..<min(start + 256, inputs) {
            chain.addProduct(x[row, k], w[output, k])
          }
          sum = start == 0 ? chain : sum + chain
        }
        #expect(y[row, output] == sum)
      }
    }
  }

  /// A row's bits are the same in any company, at any place, and a column's too.
  @Test(
    arguments: [(576, 1536), (1536, 576), (64, 64), (8, 576), (576, 8), (288, 230)],
    Precision.allCases)
  func aRowDoesNotDependOnItsBatch(shape: (Int, Int), precision: Precision) {
    let compute = Compute(precision: precision)
    var numbers = Numbers(3)
    let (outputs, inputs) = shape
    let w = numbers.matrix(outputs, inputs)
    let (x, dy) = (numbers.matrix(70, inputs), numbers.matrix(70, outputs))
    let (y, dx) = products(compute, x, dy, w)
    for range in [0..<1, 69..<70, 3..<5, 10..<14, 7..<40, 11..<70] {
      let (some, someSlopes) = products(compute, x.rows(range), dy.rows(range), w)
      #expect(bits(some) == bits(y.rows(range)))
      #expect(bits(someSlopes) == bits(dx.rows(range)))
    }
  }

  /// A projection cut in two gives the same bits.
  @Test func anOutputDoesNotDependOnItsNeighbours() {
    var numbers = Numbers(9)
    let (x, w) = (numbers.matrix(6, 50), numbers.matrix(40, 50))
    let (all, some) = (Matrix(rows: 6, columns: 40), Matrix(rows: 6, columns: 17))
    Compute().multiply(x, transposed: w, into: all)
    Compute().multiply(x, transposed: w.rows(11..<28), into: some)
    for row in 0..<6 {
      for column in 0..<17 { #expect(some[row, column] == all[row, column + 11]) }
    }
  }

  /// Deeper than what is packed at once (2048), with a left side that runs across memory.
  @Test func deepProductsAgreeWithDoubles() {
    check(Compute(threads: 2), 4100, 37, 20, within: 2e-6)
    check(Compute(threads: 2), 10, 5000, 20, within: 2e-6)
  }

  @Test(arguments: Precision.allCases)
  func threadsDoNotChangeBits(precision: Precision) {
    var numbers = Numbers(6)
    let (x, w, dy) = (
      numbers.matrix(96, 520), numbers.matrix(1100, 520), numbers.matrix(96, 1100)
    )
    let results = [1, 2, 3].map { threads in
      let compute = Compute(precision: precision, threads: threads)
      let (y, dx) = products(compute, x, dy, w)
      let dw = Matrix(rows: 1100, columns: 520)
      compute.multiply(transposed: dy, x, into: dw)
      return [bits(y), bits(dx), bits(dw)]
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  private func products(
    _ compute: Compute, _ x: Matrix, _ dy: Matrix, _ w: Matrix
  ) -> (Matrix, Matrix) {
    let y = Matrix(rows: x.rows, columns: w.rows)
    let dx = Matrix(rows: x.rows, columns: w.columns)
    compute.multiply(x, transposed: w, into: y)
    compute.multiply(dy, w, into: dx)
    return (y, dx)
  }
}

extension Reference {
  func scaled(by factor: Double) -> Reference {
    var result = self
    result.values = values.map { $0 * factor }
    return result
  }
}
