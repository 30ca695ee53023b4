import Glibc

/// Along the great circle from the base to a model (Shoemake, 1985), over the whole tensor.
///
/// With ω the angle between them: (sin((1−t)ω)θ₀ + sin(tω)θ₁)/sin ω, on the tensors as they are: their lengths are interpolated
/// too. Where they are all but parallel (|cos ω| > 0.9995) the line is as good and does not divide by zero.
struct SlerpMerge: MergeMethod {
  let name = "slerp"
  let summary = "spherical interpolation of two models (Shoemake, 1985)"
  let parameters: [MergeParameter] = [MergeParameter("t", .number(0...1))]
  let base = BaseRole.required
  let modelCount = 1...1

  func merge(_ tensors: MergeTensors) -> [Float] {
    let t = tensors.parameters.number("t")
    let first = tensors.base ?? []
    let second = tensors.models[0]
    var cosine = 0.0
    let length = dot(first, first).squareRoot() * dot(second, second).squareRoot()
    if length > 0 { cosine = max(-1, min(1, dot(first, second) / length)) }

    var (near, far) = (1 - t, t)
    if abs(cosine) <= 0.9995 {
      let angle = acos(cosine)
      (near, far) = (sin((1 - t) * angle) / sin(angle), sin(t * angle) / sin(angle))
    }
    return weightedSum([first, second], [near, far]).map { Float($0) }
  }
}

/// Σ xy in Double, in eight interleaved sums added up in pairs: a fixed order that fills the vector unit.
func dot(_ first: [Float], _ second: [Float]) -> Double {
  precondition(first.count == second.count, "\(first.count) elements beside \(second.count)")
  var sums = SIMD8<Double>(repeating: 0)
  let whole = first.count / 8 * 8
  for start in stride(from: 0, to: whole, by: 8) {
    var (x, y) = (SIMD8<Double>(), SIMD8<Double>())
    for lane in 0..<8 {
      x[lane] = Double(first[start + lane])
      y[lane] = Double(second[start + lane])
    }
    sums += x * y
  }
  for index in whole..<first.count {
    sums[index - whole] += Double(first[index]) * Double(second[index])
  }
  let fours = sums.lowHalf + sums.highHalf
  let twos = fours.lowHalf + fours.highHalf
  return twos[0] + twos[1]
}
