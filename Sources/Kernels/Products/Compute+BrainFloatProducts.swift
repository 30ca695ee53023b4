import COneDNN

extension Compute {
  /// oneDNN's product of both sides rounded to bfloat16; sums and the result are float32.
  ///
  /// Only where the processor has instructions for bfloat16 (`multipliesBrainFloats`).
  func runBrainFloat(_ product: Product) {
    let leftCount = product.rows * product.depth
    let work = product.rows * product.columns * product.depth / 8
    let ways = Compute.pieces(product.columns)
    let rightCount = product.right.isBrainFloat ? 0 : product.columns * product.depth
    engine.scratch.borrow((leftCount + rightCount) / 2 + 64) { memory in
      let halves = UnsafeMutableRawPointer(memory)
      let left = halves.assumingMemoryBound(to: UInt16.self)
      roundToBrainFloat(product.left, into: left, count: leftCount)
      // The second half starts at a cache line.
      let right = brainFloats(
        product.right, count: rightCount, room: left + (leftCount + 31) / 32 * 32)
      spread(ways, work: work) { index in
        let width = ((product.columns + ways - 1) / ways + 15) / 16 * 16
        let range = min(product.columns, index * width)..<min(product.columns, (index + 1) * width)
        guard !range.isEmpty else { return }
        let shape = ProductPrimitives.Shape(
          rows: product.rows, columns: range.count, depth: product.depth,
          leftStride: product.leftDepthStride == 1 ? product.rowStride : product.leftDepthStride,
          leftTransposed: product.leftDepthStride != 1,
          rightStride: product.columnStride == 1 ? product.rightDepthStride : product.columnStride,
          rightTransposed: product.columnStride != 1,
          resultStride: product.resultStride, scale: product.scale,
          accumulating: product.accumulating)
        engine.primitives.multiply(
          shape, left: left, right: right + range.lowerBound * product.columnStride,
          result: product.result + range.lowerBound, scratch: engine.scratch)
      }
    }
  }

  /// How many pieces oneDNN's product is cut into: by its columns alone, never by threads.
  private static func pieces(_ columns: Int) -> Int {
    var ways = 1
    while ways < 16, columns / (ways * 2) >= 256 { ways *= 2 }
    return ways == 1 && columns >= 96 ? 2 : ways
  }

  /// The right side's numbers in bfloat16: where they lie, or rounded into `room`.
  private func brainFloats(
    _ right: RightSide, count: Int, room: UnsafeMutablePointer<UInt16>
  ) -> UnsafePointer<UInt16> {
    switch right {
    case .bfloat16(let start): return start
    case .float32(let start):
      roundToBrainFloat(start, into: room, count: count)
      return UnsafePointer(room)
    }
  }

  func roundToBrainFloat(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<UInt16>, count: Int
  ) {
    spreadVector(count) { range in
      for index in range { target[index] = HalfPrecision.brainFloat(source[index]) }
    }
  }

  func widenBrainFloats(
    _ source: UnsafePointer<UInt16>, into target: UnsafeMutablePointer<Float>, count: Int
  ) {
    spreadVector(count) { range in
      for index in range { target[index] = HalfPrecision.float(brainFloat: source[index]) }
    }
  }
}

extension Compute {
  /// Copies numbers, each rounded to the nearest bfloat16.
  func round(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int
  ) {
    spreadVector(count) { range in
      for index in range {
        target[index] = HalfPrecision.float(brainFloat: HalfPrecision.brainFloat(source[index]))
      }
    }
  }
}
