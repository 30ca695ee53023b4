import CVectors
import Glibc
import Profiling

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
    // Weight and moments are read and written, the gradient is read.
    Profiler.measure(.optimizer, Work(bytes: 28 * Double(range.count))) {
      spreadVector(range.count) { part in
        let place = range.lowerBound + part.lowerBound
        let moment = place - momentOffset
        update.apply(p + place, g + place, m + moment, v + moment, part.count)
      }
    }
  }
}

/// The numbers of one step, and the step on a stretch of memory.
private struct AdamWUpdate {
  let kept: Float
  let fresh1: Float
  let kept2: Float
  let fresh2: Float
  let stepSize: Float
  let correction: Float
  let epsilon: Float
  let gradientScale: Float

  func apply(
    _ p: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ m: UnsafeMutablePointer<Float>,
    _ v: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    // A store through one pointer makes the compiler read `self` again unless it is a copy.
    let update = self
    @inline(__always) func step(_ index: Int, _ lanes: Int) {
      let gradient = g.some(at: index, count: lanes) * update.gradientScale
      let oldFirst = UnsafePointer(m).some(at: index, count: lanes)
      let first = oldFirst.addingProduct(gradient - oldFirst, Lanes(repeating: update.fresh1))
      let second = (UnsafePointer(v).some(at: index, count: lanes) * update.kept2)
        .addingProduct(gradient * update.fresh2, gradient)
      m.some(first, at: index, count: lanes)
      v.some(second, at: index, count: lanes)
      let root = zhinao_square_roots(second) / update.correction + update.epsilon
      let old = UnsafePointer(p).some(at: index, count: lanes)
      p.some(old * update.kept - first * update.stepSize / root, at: index, count: lanes)
    }
    overLanes(0..<count, step)
  }
}
