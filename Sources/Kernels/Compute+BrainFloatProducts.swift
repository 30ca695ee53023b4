import COneDNN

extension Compute {
  /// A product with both sides rounded to bfloat16 first; sums and the result are float32.
  func runBrainFloat(_ product: Product, ways: Int, work: Int) {
    let leftCount = product.rows * product.depth
    let rightCount = product.columns * product.depth
    engine.scratch.borrow((leftCount + rightCount) / 2 + 64) { memory in
      let halves = UnsafeMutableRawPointer(memory)
      let left = halves.assumingMemoryBound(to: UInt16.self)
      // The second half starts at a cache line.
      let right = left + (leftCount + 31) / 32 * 32
      roundToBrainFloat(product.left, into: left, count: leftCount)
      roundToBrainFloat(product.right, into: right, count: rightCount)
      spread(ways, work: work) { index in
        let range = product.columns(ofPiece: index, of: ways)
        guard !range.isEmpty else { return }
        let shape = ProductPrimitives.Shape(
          rows: product.rows, columns: range.count, depth: product.depth,
          leftStride: product.leftStride, leftTransposed: product.leftTransposed,
          rightStride: product.rightStride, rightTransposed: product.rightTransposed,
          resultStride: product.resultStride, scale: product.scale,
          accumulating: product.accumulating)
        let start =
          product.rightTransposed ? range.lowerBound * product.rightStride : range.lowerBound
        engine.primitives.multiply(
          shape, left: left, right: right + start, result: product.result + range.lowerBound,
          scratch: engine.scratch)
      }
    }
  }

  private func roundToBrainFloat(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<UInt16>, count: Int
  ) {
    spreadVector(count) { range in
      for index in range { target[index] = HalfPrecision.brainFloat(source[index]) }
    }
  }
}
