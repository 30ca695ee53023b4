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

  /// A row's bits are the same in batches of other heights and at other places.
  @Test(
    arguments: [(576, 1536), (1536, 576), (192, 512), (64, 64), (8, 576), (576, 8), (288, 230)],
    Precision.allCases)
  func aRowDoesNotDependOnItsBatch(shape: (Int, Int), precision: Precision) {
    let compute = Compute(precision: precision)
    let multiple = compute.rowMultiple
    var numbers = Numbers(3)
    let (outputs, inputs) = shape
    let w = numbers.matrix(outputs, inputs)
    let block = numbers.matrix(multiple, inputs)
    let blockSlope = numbers.matrix(multiple, outputs)
    let (y, dx) = products(compute, block, blockSlope, w)
    for blocks in [2, 5, 9] {
      let height = blocks * multiple
      let (x, dy) = (numbers.matrix(height, inputs), numbers.matrix(height, outputs))
      let place = (blocks - 1) * multiple
      compute.copy(block, to: x.rows(place..<height))
      compute.copy(blockSlope, to: dy.rows(place..<height))
      let (tall, tallSlope) = products(compute, x, dy, w)
      #expect(bits(tall.rows(place..<height)) == bits(y))
      #expect(bits(tallSlope.rows(place..<height)) == bits(dx))
    }
  }

  /// One row moved down by multiples of the alignment keeps its bits.
  @Test(arguments: [(576, 1536), (192, 512)])
  func aRowDoesNotDependOnItsPlace(outputs: Int, inputs: Int) {
    let compute = Compute()
    var numbers = Numbers(4)
    let w = numbers.matrix(outputs, inputs)
    let row = numbers.matrix(1, inputs)
    var seen: [UInt32]?
    for step in 0..<6 {
      let x = numbers.matrix(2 * compute.rowMultiple, inputs)
      let y = Matrix(rows: x.rows, columns: outputs)
      let place = step * compute.sequenceAlignment
      compute.copy(row, to: x.rows(place..<place + 1))
      compute.multiply(x, transposed: w, into: y)
      let found = bits(y.rows(place..<place + 1))
      #expect(found == seen ?? found)
      seen = found
    }
  }

  @Test func aVocabularyOfRowsDoesNotDependOnItsBatch() {
    let compute = Compute(threads: 2)
    var numbers = Numbers(5)
    let w = numbers.matrix(49_152, 64)
    let x = numbers.matrix(2 * compute.rowMultiple, 64)
    let tall = Matrix(rows: x.rows, columns: w.rows)
    let short = Matrix(rows: compute.rowMultiple, columns: w.rows)
    compute.multiply(x, transposed: w, into: tall)
    compute.multiply(x.rows(compute.rowMultiple..<x.rows), transposed: w, into: short)
    #expect(bits(tall.rows(compute.rowMultiple..<x.rows)) == bits(short))
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

/// Products for decoding, where any number of rows must give a row the same bits.
struct RowProductTests {
  @Test(arguments: [(1, 64), (3, 20), (8, 7), (13, 100), (64, 576)])
  func rowProductsAgreeWithDoubles(rows: Int, inputs: Int) {
    var numbers = Numbers(7)
    for outputs in [1, 5, 24, 301] {
      let (x, w) = (numbers.matrix(rows, inputs), numbers.matrix(outputs, inputs))
      let y = numbers.matrix(rows, outputs)
      let expected = Reference(x).times(Reference(w).transposed)
      Compute(threads: 2).multiplyRows(x, transposed: w, into: y)
      #expect(distance(y, expected) < 2e-6)
      Compute().multiplyRows(x, transposed: w, into: y, accumulating: true)
      #expect(distance(y, expected.scaled(by: 2)) < 2e-6)
    }
  }

  @Test(arguments: [(100, 84), (1000, 576)])
  func aRowIsTheSameInAnyCompanyAndOnAnyThreads(outputs: Int, inputs: Int) {
    var numbers = Numbers(8)
    let (x, w) = (numbers.matrix(70, inputs), numbers.matrix(outputs, inputs))
    let all = Matrix(rows: 70, columns: outputs)
    Compute(threads: 2).multiplyRows(x, transposed: w, into: all)
    for range in [0..<1, 69..<70, 3..<5, 10..<14, 7..<40] {
      let some = Matrix(rows: range.count, columns: outputs)
      Compute().multiplyRows(x.rows(range), transposed: w, into: some)
      #expect(bits(some) == bits(all.rows(range)))
    }
  }

  /// An output depends on its own weights alone: a projection cut in two gives the same bits.
  @Test func anOutputDoesNotDependOnItsNeighbours() {
    var numbers = Numbers(9)
    let (x, w) = (numbers.matrix(6, 50), numbers.matrix(40, 50))
    let all = Matrix(rows: 6, columns: 40)
    let some = Matrix(rows: 6, columns: 17)
    Compute().multiplyRows(x, transposed: w, into: all)
    Compute().multiplyRows(x, transposed: w.rows(11..<28), into: some)
    for row in 0..<6 {
      for column in 0..<17 { #expect(some[row, column] == all[row, column + 11]) }
    }
  }
}

extension Reference {
  func scaled(by factor: Double) -> Reference {
    var result = self
    result.values = values.map { $0 * factor }
    return result
  }
}
