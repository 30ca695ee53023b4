import Glibc

/// The Karcher mean of the models' directions, times the mean of their lengths: arXiv:2603.04972 for merging, Karcher (1977).
///
/// From the direction u of the mean of the unit vectors uᵢ, steps along T = Σ a (θᵢ/sin θᵢ)(uᵢ − cos θᵢ u), θᵢ the angle between
/// uᵢ and u: u ← cos‖T‖ u + sin‖T‖ T/‖T‖, until ‖T‖ < `tol` or after `max_iter` steps. Models count alike. A tensor of zeros has no
/// direction, yet its length of nothing counts in the mean. All steps are made with the models' products alone.
struct KarcherMerge: MergeMethod {
  let name = "karcher"
  let summary = "Karcher mean on the sphere (arXiv:2603.04972)"
  let parameters: [MergeParameter] = [
    MergeParameter("max_iter", .number(0...10_000), standard: 10),
    MergeParameter("tol", .number(0...1), standard: 1e-5),
  ]
  let base = BaseRole.model
  let modelCount = 1...64

  func merging(_ tensors: MergeTensors) throws -> any BlockMerge {
    guard tensors.models.count > 1 else { return LinearCombination(models: [1]) }
    let products = try GramMatrix(tensors, ofChanges: false)
    let tolerance = tensors.parameters.number("tol")
    let lengths = tensors.models.indices.map { products.length($0) }
    let mean = lengths.reduce(0, +) / Double(lengths.count)
    let direction = direction(
      products, lengths, tolerance: tolerance, steps: Int(tensors.parameters.number("max_iter")))
    return LinearCombination(models: direction.map { $0 * mean })
  }

  /// The mean direction as numbers of each tensor; zeros where no tensor has a direction.
  private func direction(
    _ products: GramMatrix, _ lengths: [Double], tolerance: Double, steps: Int
  ) -> [Double] {
    let valid = lengths.indices.filter { lengths[$0] > tolerance }
    var mean = [Double](repeating: 0, count: lengths.count)
    guard let first = valid.first else { return mean }
    let share = 1 / Double(valid.count)
    for model in valid { mean[model] = share / lengths[model] }
    let length = products.length(mean)
    if length < tolerance {
      mean = mean.map { _ in 0 }
      mean[first] = 1 / lengths[first]
    } else {
      mean = mean.map { $0 / length }
    }
    for _ in 0..<steps {
      let tangent = tangent(at: mean, products, lengths, valid, tolerance: tolerance)
      let slope = products.length(tangent)
      guard slope >= tolerance else { break }
      mean = zip(mean, tangent).map { cos(slope) * $0 + sin(slope) / slope * $1 }
      let length = products.length(mean)
      if length > tolerance { mean = mean.map { $0 / length } }
    }
    return mean
  }

  private func tangent(
    at mean: [Double], _ products: GramMatrix, _ lengths: [Double], _ valid: [Int],
    tolerance: Double
  ) -> [Double] {
    let along = products.applied(mean)
    var tangent = [Double](repeating: 0, count: mean.count)
    for model in valid {
      let cosine = max(-1, min(1, along[model] / lengths[model]))
      let angle = acos(cosine)
      guard angle >= tolerance, sin(angle) > 0 else { continue }
      let weight = angle / sin(angle) / Double(valid.count)
      tangent[model] += weight / lengths[model]
      for index in mean.indices { tangent[index] -= weight * cosine * mean[index] }
    }
    return tangent
  }
}
