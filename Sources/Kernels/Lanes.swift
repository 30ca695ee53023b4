import CVectors

/// Eight floats at once: one AVX register.
typealias Lanes = SIMD8<Float>

extension UnsafePointer where Pointee == Float {
  @inline(__always) func lanes(at index: Int) -> Lanes {
    UnsafeRawPointer(self + index).loadUnaligned(as: Lanes.self)
  }

  /// The last lanes of a row, zeros behind them.
  @inline(never) func lanes(at index: Int, count: Int, padding: Float = 0) -> Lanes {
    var lanes = Lanes(repeating: padding)
    for lane in 0..<count { lanes[lane] = self[index &+ lane] }
    return lanes
  }
}

extension UnsafeMutablePointer where Pointee == Float {
  @inline(__always) func lanes(at index: Int) -> Lanes { UnsafePointer(self).lanes(at: index) }

  @inline(__always) func store(_ lanes: Lanes, at index: Int) {
    UnsafeMutableRawPointer(self + index).storeBytes(of: lanes, as: Lanes.self)
  }

  @inline(never) func store(_ lanes: Lanes, at index: Int, count: Int) {
    for lane in 0..<count { self[index &+ lane] = lanes[lane] }
  }

  func clear(_ count: Int) { update(repeating: 0, count: count) }
}

extension SIMD8<Float> {
  /// The sum of the lanes, in one order everywhere: halves, then quarters, then the last two.
  @inline(__always) var total: Float {
    let four = lowHalf + highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }

  /// The larger of each two lanes.
  @inline(__always) func larger(_ other: Lanes) -> Lanes {
    zhinao_at_least(self, other)
  }
}

/// e to the power of every lane: relative error below 2e-7, zero where the result is below the smallest
/// normal number.
///
/// x = n ln 2 + r with |r| ≤ ln 2 / 2, a polynomial in r (Cephes' expf), and n added to the exponent.
@inline(__always) func exponential(_ x: Lanes) -> Lanes {
  // At the lower bound n is −127, whose power of two is written as zero.
  let bounded = zhinao_at_least(
    zhinao_at_most(x, Lanes(repeating: 88.02)), Lanes(repeating: -88))
  // Adding 1.5 · 2²³ rounds to a whole number and leaves it in the low bits.
  let magic = Lanes(repeating: 12_582_912)
  let shifted = magic.addingProduct(bounded, Lanes(repeating: 1.442_695_04))
  let n = shifted - magic
  var r = bounded.addingProduct(n, Lanes(repeating: -0.693_359_375))
  r = r.addingProduct(n, Lanes(repeating: 2.121_944_4e-4))
  var p = Lanes(repeating: 1.987_569_15e-4)
  p = Lanes(repeating: 1.398_199_950_7e-3).addingProduct(p, r)
  p = Lanes(repeating: 8.333_451_907_3e-3).addingProduct(p, r)
  p = Lanes(repeating: 4.166_579_589_4e-2).addingProduct(p, r)
  p = Lanes(repeating: 1.666_666_545_9e-1).addingProduct(p, r)
  p = Lanes(repeating: 5.000_000_120_1e-1).addingProduct(p, r)
  let power = (r + Lanes(repeating: 1)).addingProduct(p, r * r)
  let bits = unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &+ SIMD8(repeating: 127)
  let scale = unsafeBitCast(bits &<< SIMD8(repeating: 23), to: Lanes.self)
  return power * scale
}

/// Σ aᵢbᵢ over eight partial sums, the order of every short product here.
@inline(__always) func dot(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int
) -> Float {
  var sums = Lanes()
  var index = 0
  while index &+ 8 <= count {
    sums = sums.addingProduct(a.lanes(at: index), b.lanes(at: index))
    index &+= 8
  }
  if index < count {
    let rest = count &- index
    sums = sums.addingProduct(a.lanes(at: index, count: rest), b.lanes(at: index, count: rest))
  }
  return sums.total
}
