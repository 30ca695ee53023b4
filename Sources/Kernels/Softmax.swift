import CVectors

/// The largest of `count` numbers; -∞ for none.
func maximum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
  var (first, second) = (Lanes(repeating: -.infinity), Lanes(repeating: -.infinity))
  var index = 0
  while index &+ 16 <= count {
    first = first.larger(x.lanes(at: index))
    second = second.larger(x.lanes(at: index &+ 8))
    index &+= 16
  }
  first = first.larger(second)
  var largest = -Float.infinity
  for lane in 0..<8 where first[lane] > largest { largest = first[lane] }
  while index < count {
    if x[index] > largest { largest = x[index] }
    index &+= 1
  }
  return largest
}

/// x becomes e^(x − shift); the sum is returned.
func exponentiate(_ x: UnsafeMutablePointer<Float>, _ count: Int, shift: Float) -> Float {
  let by = Lanes(repeating: shift)
  var sums = Lanes()
  var index = 0
  while index &+ 8 <= count {
    let power = exponential(x.lanes(at: index) - by)
    x.store(power, at: index)
    sums += power
    index &+= 8
  }
  if index < count {
    let rest = count &- index
    let lanes = UnsafePointer(x).lanes(at: index, count: rest, padding: -.infinity)
    let power = exponential(lanes - by)
    x.store(power, at: index, count: rest)
    sums += power
  }
  return sums.total
}

/// The largest logit, Σ e^z and Σ z·e^z with z = (logit − largest) · inverse.
///
/// Float32 partial sums of 64 terms a lane, added up in double precision: as exact for 150,000 tokens
/// as for a thousand.
func sumPowers(
  _ logits: UnsafePointer<Float>, _ count: Int, inverse: Float, wantsEntropy: Bool
) -> (largest: Float, sum: Double, weighted: Double) {
  let largest = maximum(logits, count)
  let shift = Lanes(repeating: largest)
  var (sum, weighted) = (0.0, 0.0)
  var start = 0
  while start < count {
    let end = min(start + 512, count)
    var (sums, products) = (Lanes(), Lanes())
    @inline(__always) func add(_ index: Int, _ lanes: Int) {
      let x =
        lanes == 8
        ? logits.lanes(at: index) : logits.lanes(at: index, count: lanes, padding: -.infinity)
      let z = (x - shift) * inverse
      let power = exponential(z)
      sums += power
      if wantsEntropy {
        // 0 · -∞ is no number; a power of zero has no share in the entropy.
        let bounded = zhinao_at_least(z, Lanes(repeating: -100))
        products = products.addingProduct(power, bounded)
      }
    }
    overLanes(start..<end, add)
    sum += Double(sums.total)
    weighted += Double(products.total)
    start = end
  }
  return (largest, sum, weighted)
}

func maximum(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Float {
  maximum(UnsafePointer(x), count)
}
