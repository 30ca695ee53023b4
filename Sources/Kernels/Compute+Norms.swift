import Profiling

extension Compute {
  /// The sum of squares of each block of a range, in double precision.
  ///
  /// Blocks are counted from the range's start. Their sums, added in order by the caller, are the same
  /// whoever computed which.
  public func blockSquareSums(
    _ buffer: FloatBuffer, _ range: Range<Int>, blockSize: Int = 65_536
  ) -> [Double] {
    check(range, of: buffer)
    precondition(blockSize > 0, "blocks of \(blockSize)")
    let values = UnsafePointer(buffer.pointer)
    var sums = [Double](repeating: 0, count: (range.count + blockSize - 1) / blockSize)
    sums.withUnsafeMutableBufferPointer { sums in
      guard let target = sums.baseAddress else { return }
      Profiler.measure(.gradientNorm, Work(bytes: 4 * Double(range.count))) {
        spread(sums.count, work: range.count) { block in
          let start = range.lowerBound + block * blockSize
          target[block] = squareSum(values + start, min(blockSize, range.upperBound - start))
        }
      }
    }
    return sums
  }

  /// Whether there is neither an infinity nor a NaN in the range.
  public func allFinite(_ buffer: FloatBuffer, _ range: Range<Int>) -> Bool {
    check(range, of: buffer)
    let values = UnsafePointer(buffer.pointer)
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(start + 4096, range.upperBound)
      // The largest magnitude as bits; no branch, so that the loop is one of vectors.
      var largest: UInt32 = 0
      for index in start..<end { largest = max(largest, values[index].bitPattern & 0x7FFF_FFFF) }
      if largest >= 0x7F80_0000 { return false }
      start = end
    }
    return true
  }

  private func check(_ range: Range<Int>, of buffer: FloatBuffer) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= buffer.count,
      "no numbers \(range) of \(buffer.count)")
  }
}

/// Σ x² in four sums of doubles: squares of floats neither overflow nor vanish there.
private func squareSum(_ x: UnsafePointer<Float>, _ count: Int) -> Double {
  var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
  var index = 0
  while index &+ 4 <= count {
    let (e, f) = (Double(x[index]), Double(x[index &+ 1]))
    let (g, h) = (Double(x[index &+ 2]), Double(x[index &+ 3]))
    a += e * e
    b += f * f
    c += g * g
    d += h * h
    index &+= 4
  }
  while index < count {
    a += Double(x[index]) * Double(x[index])
    index &+= 1
  }
  return (a + b) + (c + d)
}
