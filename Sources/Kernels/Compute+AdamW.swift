import Glibc

extension Compute {
  /// One step of AdamW (arXiv:1711.05101) on a range of the parameters, with PyTorch's arithmetic.
  ///
  /// p ← p(1 − lr·wd); m ← m + (1 − β₁)(g − m); v ← β₂v + (1 − β₂)g²;
  /// p ← p − lr/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε), with g times `gradientScale` and t = `step` from one.
  /// The moments' first number belongs to the parameter `momentOffset`, so that a rank may hold a part.
  public func adamW(
    parameters: FloatBuffer, gradients: FloatBuffer, firstMoment: FloatBuffer,
    secondMoment: FloatBuffer, range: Range<Int>, momentOffset: Int = 0, learningRate: Double,
    beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double, step: Int,
    gradientScale: Float = 1
  ) {
    let moments = range.upperBound - momentOffset
    precondition(
      range.lowerBound >= max(momentOffset, 0) && range.upperBound <= parameters.count
        && range.upperBound <= gradients.count && moments <= firstMoment.count
        && moments <= secondMoment.count,
      "cannot update \(range) of \(parameters.count) with moments from \(momentOffset)")
    precondition(step > 0, "a step \(step): the first is 1")
    let update = AdamWUpdate(
      kept: Float(1 - learningRate * weightDecay), fresh1: Float(1 - beta1), kept2: Float(beta2),
      fresh2: Float(1 - beta2), stepSize: Float(learningRate / (1 - pow(beta1, Double(step)))),
      correction: Float((1 - pow(beta2, Double(step))).squareRoot()), epsilon: Float(epsilon),
      gradientScale: gradientScale)
    let (p, g) = (parameters.writable, UnsafePointer(gradients.pointer))
    let (m, v) = (firstMoment.writable, secondMoment.writable)
    spreadVector(range.count) { part in
      var start = part.lowerBound
      while start < part.upperBound {
        let count = min(AdamWUpdate.tile, part.upperBound - start)
        let place = range.lowerBound + start
        let moment = place - momentOffset
        update.apply(p + place, g + place, m + moment, v + moment, count)
        start += count
      }
    }
  }
}

/// The numbers of one step, and the step on a stretch of memory.
private struct AdamWUpdate {
  static let tile = 512

  let kept: Float
  let fresh1: Float
  let kept2: Float
  let fresh2: Float
  let stepSize: Float
  let correction: Float
  let epsilon: Float
  let gradientScale: Float

  /// The square roots are a loop of their own over a tile in the first-level cache: the compiler makes
  /// vectors of it, which it does not of `SIMD8.squareRoot()`.
  func apply(
    _ p: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ m: UnsafeMutablePointer<Float>,
    _ v: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: AdamWUpdate.tile) { room in
      guard let roots = room.baseAddress else { return }
      overLanes(0..<count) { index, lanes in
        let gradient = g.some(at: index, count: lanes) * gradientScale
        let first = UnsafePointer(m).some(at: index, count: lanes)
        let second = UnsafePointer(v).some(at: index, count: lanes)
        m.some(
          first.addingProduct(gradient - first, Lanes(repeating: fresh1)), at: index, count: lanes)
        let moved = (second * kept2).addingProduct(gradient * fresh2, gradient)
        v.some(moved, at: index, count: lanes)
        roots.some(moved, at: index, count: lanes)
      }
      for index in 0..<count { roots[index] = roots[index].squareRoot() / correction + epsilon }
      overLanes(0..<count) { index, lanes in
        let first = UnsafePointer(m).some(at: index, count: lanes)
        let root =
          lanes == 8
          ? roots.lanes(at: index)
          : UnsafePointer(roots).lanes(at: index, count: lanes, padding: 1)
        let old = UnsafePointer(p).some(at: index, count: lanes)
        p.some(old * kept - first * stepSize / root, at: index, count: lanes)
      }
    }
  }
}
