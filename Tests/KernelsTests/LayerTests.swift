import Glibc
import Kernels
import Testing

/// Norms, rotations, gates and copies, forward and back.
struct LayerTests {
  private let compute = Compute(threads: 2)

  @Test(arguments: [(7, 20), (300, 64)])
  func rootMeanSquareNormAgreesWithItsFormula(rows: Int, columns: Int) {
    var numbers = Numbers(10)
    let (x, gain) = (numbers.matrix(rows, columns), numbers.matrix(1, columns))
    let y = Matrix(rows: rows, columns: columns)
    let roots = FloatBuffer(count: rows)
    compute.rmsNorm(x, gain: gain, epsilon: 1e-5, into: y, inverseRMS: roots)
    #expect(distance(y, normed(Reference(x), Reference(gain), 1e-5)) < 1e-6)
  }

  /// Rows go through in fours; seven of them are one four and three by themselves.
  @Test(arguments: [20, 64])
  func aRowIsNormedAlikeInAnyCompany(columns: Int) {
    var numbers = Numbers(16)
    let (x, gain) = (numbers.matrix(7, columns), numbers.matrix(1, columns))
    let y = Matrix(rows: 7, columns: columns)
    let roots = FloatBuffer(count: 7)
    compute.rmsNorm(x, gain: gain, epsilon: 1e-5, into: y, inverseRMS: roots)
    for row in 0..<7 {
      let alone = Matrix(rows: 1, columns: columns)
      compute.rmsNorm(
        x.rows(row..<row + 1), gain: gain, epsilon: 1e-5, into: alone,
        inverseRMS: FloatBuffer(count: 1))
      #expect(bits(alone) == bits(y.rows(row..<row + 1)))
    }
  }

  /// The same numbers as 24 whole lanes of eight and as rows that end within one.
  @Test func aGatedUnitIsTheSameWhereverItStands() {
    var numbers = Numbers(17)
    let (gate, up) = (numbers.matrix(1, 192, scale: 5), numbers.matrix(1, 192))
    let y = Matrix(rows: 1, columns: 192)
    compute.swiGLU(gate: gate, up: up, into: y)
    for count in [1, 7, 13, 191] {
      func start(_ matrix: Matrix) -> Matrix {
        Matrix(rows: 1, columns: count, values: Array(matrix.array().prefix(count)))
      }
      let found = Matrix(rows: 1, columns: count)
      compute.swiGLU(gate: start(gate), up: start(up), into: found)
      #expect(bits(found) == Array(bits(y).prefix(count)))
    }
  }

  /// d/dx of Σ c·norm(x) by central differences, in double precision.
  @Test func rootMeanSquareNormHasItsSlope() {
    var numbers = Numbers(11)
    let (x, gain, dy) = (numbers.matrix(5, 12), numbers.matrix(1, 12), numbers.matrix(5, 12))
    let (y, dx) = (Matrix(rows: 5, columns: 12), numbers.matrix(5, 12))
    let before = Reference(dx)
    let roots = FloatBuffer(count: 5)
    let dgain = Matrix(rows: 1, columns: 12)
    compute.rmsNorm(x, gain: gain, epsilon: 1e-5, into: y, inverseRMS: roots)
    compute.rmsNormBackward(
      dy, x: x, gain: gain, inverseRMS: roots, into: dx, gainGradient: dgain)
    let slope = Reference(dy)
    func loss(_ x: Reference, _ gain: Reference) -> Double {
      zip(slope.values, normed(x, gain, 1e-5).values).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let (inputs, gains) = (Reference(x), Reference(gain))
    var expected = slopes(of: inputs) { loss($0, gains) }
    #expect(distance(dgain, slopes(of: gains) { loss(inputs, $0) }) < 1e-5)
    let overwritten = Matrix(rows: 5, columns: 12)
    compute.rmsNormBackward(
      dy, x: x, gain: gain, inverseRMS: roots, into: overwritten, accumulating: false,
      gainGradient: nil)
    #expect(distance(overwritten, expected) < 1e-5)
    for index in before.values.indices { expected.values[index] += before.values[index] }
    #expect(distance(dx, expected) < 1e-5)
  }

  private func normed(_ x: Reference, _ gain: Reference, _ epsilon: Double) -> Reference {
    var y = x
    for row in 0..<x.rows {
      let mean = (0..<x.columns).reduce(0) { $0 + x[row, $1] * x[row, $1] } / Double(x.columns)
      for column in 0..<x.columns {
        y[row, column] = x[row, column] / (mean + epsilon).squareRoot() * gain[0, column]
      }
    }
    return y
  }

  @Test(arguments: [8, 20, 64])
  func rotationTurnsPairsByTheirAngles(dimension: Int) {
    var numbers = Numbers(12)
    let half = dimension / 2
    let frequencies = (0..<half).map { pow(10_000, -Double($0) / Double(half)) }
    let table = RotaryTable(frequencies: frequencies, maximumPosition: 100)
    let positions: [Int32] = [0, 1, 7, -1, 5000]
    let x = numbers.matrix(5, 3 * dimension)
    let before = Reference(x)
    compute.rotate(x, heads: 3, positions: positions, table: table, inverse: false)
    var expected = before
    for (row, position) in positions.enumerated() where position >= 0 {
      for head in 0..<3 {
        for (index, frequency) in frequencies.enumerated() {
          let angle = Double(position) * frequency
          let (i, j) = (head * dimension + index, head * dimension + index + half)
          let (a, b) = (before[row, i], before[row, j])
          expected[row, i] = a * cos(angle) - b * sin(angle)
          expected[row, j] = b * cos(angle) + a * sin(angle)
        }
      }
    }
    #expect(distance(x, expected) < 1e-6)
    compute.rotate(x, heads: 3, positions: positions, table: table, inverse: true)
    #expect(distance(x, before) < 1e-6)
  }

  @Test func gatedUnitsAgreeWithTheirFormulaAndSlope() {
    var numbers = Numbers(13)
    let (gate, up) = (numbers.matrix(9, 13, scale: 12), numbers.matrix(9, 13))
    let dy = numbers.matrix(9, 13)
    let y = Matrix(rows: 9, columns: 13)
    compute.swiGLU(gate: gate, up: up, into: y)
    let (g, u, slope) = (Reference(gate), Reference(up), Reference(dy))
    #expect(distance(y, gated(g, u)) < 1e-6)
    let gateSlopes = elementSlopes(g) { gated($0, u) }
    let upSlopes = elementSlopes(u) { gated(g, $0) }
    // The gradients take the places of the inputs.
    compute.swiGLUBackward(dy, gate: gate, up: up, gateGradient: gate, upGradient: up)
    #expect(distance(gate, product(slope, gateSlopes)) < 1e-6)
    #expect(distance(up, product(slope, upSlopes)) < 1e-6)
  }

  /// e^88 overflows a quotient that is not careful.
  @Test func gatedUnitsStayFiniteForLargeGates() {
    let gate = Matrix(rows: 1, columns: 5, values: [-1e4, -100, 0, 100, 1e4])
    let up = Matrix(rows: 1, columns: 5, values: [1, 1, 1, 1, 1])
    let y = Matrix(rows: 1, columns: 5)
    compute.swiGLU(gate: gate, up: up, into: y)
    #expect(y.array().allSatisfy { $0.isFinite })
    #expect(y.array().suffix(2) == [100, 1e4])
    #expect(abs(y[0, 0]) < 1e-30)
  }

  private func gated(_ gate: Reference, _ up: Reference) -> Reference {
    var y = gate
    for index in y.values.indices {
      y.values[index] = gate.values[index] / (1 + exp(-gate.values[index])) * up.values[index]
    }
    return y
  }

  private func product(_ a: Reference, _ b: Reference) -> Reference {
    var c = a
    for index in c.values.indices { c.values[index] *= b.values[index] }
    return c
  }

  @Test func gatheredRowsGoBackWhereTheyCameFrom() {
    var numbers = Numbers(14)
    let table = numbers.matrix(10, 33)
    let ids: [Int32] = [3, -1, 3, 9, 0]
    let (y, back) = (numbers.matrix(5, 33), Matrix(rows: 10, columns: 33))
    compute.gather(.float32(table), ids: ids, into: y)
    #expect(y.rows(1..<2).array().allSatisfy { $0 == 0 })
    #expect(y.rows(3..<4).array() == table.rows(9..<10).array())
    compute.scatterAdd(y, ids: ids, into: back)
    #expect(back.rows(3..<4).array() == table.rows(3..<4).array().map { 2 * $0 })
    #expect(back.rows(1..<2).array().allSatisfy { $0 == 0 })

    let picked = Matrix(rows: 2, columns: 33)
    compute.gatherRows(table, rows: [7, 2], into: picked)
    #expect(picked.rows(0..<1).array() == table.rows(7..<8).array())
    compute.zero(back)
    compute.scatterRows(adding: picked, rows: [4, 4], into: back)
    #expect(
      back.rows(4..<5).array()
        == zip(picked.rows(0..<1).array(), picked.rows(1..<2).array()).map { $0 + $1 })
  }

  @Test func vectorsAreAddedScaledAndCopied() {
    var numbers = Numbers(15)
    let (x, y) = (numbers.matrix(4, 21), numbers.matrix(4, 21))
    let (a, b) = (x.array(), y.array())
    compute.add(x, to: y)
    #expect(y.array() == zip(a, b).map { $0 + $1 })
    compute.copy(x, to: y)
    compute.addScaled(x, by: 2, to: y)
    #expect(y.array() == a.map { $0 * 3 } || distance(y, Reference(x).scaled(by: 3)) < 1e-6)
    compute.scale(y, by: 0)
    #expect(y.array().allSatisfy { $0 == 0 })
    compute.copyColumns(from: x, at: 5, to: y, at: 1, count: 3)
    #expect(y[2, 2] == x[2, 6])
    #expect(y[2, 4] == 0)
    let bias = numbers.matrix(1, 21)
    compute.zero(y)
    compute.addBias(bias, to: y)
    #expect(y.rows(3..<4).array() == bias.array())
    compute.biasGradient(x, into: bias)
    let sum = (0..<4).reduce(y[0, 20]) { $0 + x[$1, 20] }
    #expect(abs(bias[0, 20] - sum) < 1e-5)
  }
}

/// Central differences of a scalar function in double precision.
func slopes(of x: Reference, _ function: (Reference) -> Double) -> Reference {
  var result = x
  for index in x.values.indices {
    var (below, above) = (x, x)
    below.values[index] -= 1e-5
    above.values[index] += 1e-5
    result.values[index] = (function(above) - function(below)) / 2e-5
  }
  return result
}

/// The slope of each output in its own input.
func elementSlopes(_ x: Reference, _ function: (Reference) -> Reference) -> Reference {
  var (below, above, result) = (x, x, x)
  for index in x.values.indices {
    below.values[index] -= 1e-5
    above.values[index] += 1e-5
  }
  let (low, high) = (function(below), function(above))
  for index in x.values.indices {
    result.values[index] = (high.values[index] - low.values[index]) / 2e-5
  }
  return result
}
