import Kernels
import Testing

/// Products with packed weights: the bits of other products, from every format.
struct PackedProductTests {
  @Test(arguments: [(1, 64, 40), (3, 20, 5), (8, 300, 33), (13, 576, 100), (130, 84, 16)])
  func packedProductsHaveTheBitsOfOthers(rows: Int, inputs: Int, outputs: Int) {
    var numbers = Numbers(7)
    let (x, w) = (numbers.matrix(rows, inputs), numbers.matrix(outputs, inputs))
    let (expected, found) = (numbers.matrix(rows, outputs), Matrix(rows: rows, columns: outputs))
    let compute = Compute(threads: 2)
    let packed = compute.pack(w, as: .float32)
    compute.copy(expected, to: found)
    compute.multiply(x, transposed: w, into: expected, scale: 0.5, accumulating: true)
    Compute().multiply(x, packed: packed, into: found, scale: 0.5, accumulating: true)
    #expect(bits(found) == bits(expected))
    compute.multiply(x, transposed: w, into: expected)
    compute.multiply(x, packed: packed, into: found)
    #expect(bits(found) == bits(expected))
  }

  /// bfloat16 keeps 2⁻⁹ of a weight; 127 steps of the largest of 32 are half of 1/127 off; 15 steps of
  /// the range of 32, which is up to 2, half of 2/15.
  @Test(arguments: [
    (PackedWeights.Format.float32, 0 as Float), (.bfloat16, 0.002), (.int8, 0.0045), (.int4, 0.072),
  ])
  func aFormatKeepsWeightsWithinItsSteps(format: PackedWeights.Format, step: Float) {
    var numbers = Numbers(8)
    let w = numbers.matrix(50, 300)
    let compute = Compute(threads: 2)
    let kept = unpacked(compute.pack(w, as: format), compute)
    var largest: Float = 0
    for row in 0..<50 {
      for column in 0..<300 { largest = max(largest, abs(kept[row, column] - w[row, column])) }
    }
    #expect(largest <= step)
    #expect(format == .float32 || largest > step / 8)
  }

  /// What was rounded to a format once gives the same bits from it as in float32, on any threads and in
  /// any company: panels in pairs or alone, whole or narrow, with inputs that are whole fours and not.
  @Test(
    arguments: PackedWeights.Format.allCases, [(75, 610), (91, 612)])
  func aProductIsThatOfTheNumbersThatAreKept(
    format: PackedWeights.Format, shape: (outputs: Int, inputs: Int)
  ) {
    var numbers = Numbers(9)
    let (w, x) = (numbers.matrix(shape.outputs, shape.inputs), numbers.matrix(9, shape.inputs))
    let compute = Compute(threads: 2)
    let packed = compute.pack(w, as: format)
    let expected = Matrix(rows: 9, columns: shape.outputs)
    compute.multiply(x, transposed: unpacked(packed, compute), into: expected)
    for range in [0..<9, 1..<9, 0..<7, 2..<8, 3..<8, 2..<6, 0..<3, 1..<3, 4..<5] {
      let found = Matrix(rows: range.count, columns: shape.outputs)
      Compute().multiply(x.rows(range), packed: packed, into: found)
      #expect(bits(found) == bits(expected.rows(range)))
    }
  }

  /// Whole numbers that a file has are taken as they are: scale · q + minimum.
  @Test(arguments: [PackedWeights.Format.int8, .int4])
  func wholeNumbersArePutAsTheyAre(format: PackedWeights.Format) {
    let packed = PackedWeights(outputs: 20, inputs: 64, format: format)
    var expected: [Float] = []
    for output in 0..<20 {
      let numbers = (0..<64).map { k in
        format == .int8
          ? UInt8(bitPattern: Int8((k * 37 + output) % 255 - 127)) : UInt8((k * 7 + output) % 16)
      }
      let (scales, minima): ([Float16], [Float16]) = (
        [0.5, 3], format == .int8 ? [0, 0] : [-1, Float16(output)]
      )
      packed.put(output, scales: scales, minima: minima, numbers: numbers)
      expected += numbers.enumerated().map { k, number in
        let whole = format == .int8 ? Float(Int8(bitPattern: number)) : Float(number)
        return Float(scales[k / 32]) * whole + Float(minima[k / 32])
      }
    }
    #expect(unpacked(packed, Compute()).array() == expected)
  }

  @Test func severalProductsOfOneInputAreThoseOfEach() {
    var numbers = Numbers(10)
    let x = numbers.matrix(2, 70)
    let compute = Compute(threads: 2)
    let weights = [40, 16, 3].map { compute.pack(numbers.matrix($0, 70), as: .float32) }
    let together = weights.map { Matrix(rows: 2, columns: $0.outputs) }
    compute.multiply(x, packed: zip(weights, together).map { PackedLayer($0, into: $1) })
    for (weights, found) in zip(weights, together) {
      let alone = Matrix(rows: 2, columns: weights.outputs)
      compute.multiply(x, packed: weights, into: alone)
      #expect(bits(alone) == bits(found))
    }
  }

  @Test(arguments: PackedWeights.Format.allCases, [1, 3, 7])
  func aTermOfLowRankIsASecondProduct(format: PackedWeights.Format, rows: Int) {
    var numbers = Numbers(11)
    let (x, reduced) = (numbers.matrix(rows, 68), numbers.matrix(rows, 6))
    let compute = Compute(threads: 2)
    let weights = compute.pack(numbers.matrix(43, 68), as: format)
    let up = compute.pack(numbers.matrix(43, 6), as: .float32)
    let (together, apart) = (Matrix(rows: rows, columns: 43), Matrix(rows: rows, columns: 43))
    compute.multiply(
      x,
      packed: [
        PackedLayer(weights, into: together, adding: PackedLayer.Term(reduced, up, scale: 0.5))
      ])
    compute.multiply(x, packed: weights, into: apart)
    compute.multiply(reduced, packed: up, into: apart, scale: 0.5, accumulating: true)
    #expect(bits(together) == bits(apart))
  }

  /// The numbers that packed weights stand for [outputs, inputs].
  private func unpacked(_ packed: PackedWeights, _ compute: Compute) -> Matrix {
    let result = Matrix(rows: packed.outputs, columns: packed.inputs)
    compute.gather(packed, ids: (0..<packed.outputs).map(Int32.init), into: result)
    return result
  }
}
