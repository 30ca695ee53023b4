/// Several models' directions and lengths averaged apart: Goddard's Multi-SLERP (goddard.blog/posts/multislerp-wow-what-a-cool-idea).
///
/// With unit vectors u and m their weighted mean's direction, the weighted mean T of the tangents u − ⟨u, m⟩m at m is followed
/// from m along the sphere: (m cos‖T‖ + T sin‖T‖/‖T‖) · Σ w‖θ‖. As m is that mean's own direction, T is zero but for rounding:
/// what remains is m · Σ w‖θ‖. With a base all this is done with changes from it.
struct MultislerpMerge: MergeMethod {
  let name = "multislerp"
  let summary = "mean direction times mean length (Multi-SLERP)"
  let parameters: [MergeParameter] = [
    .weight(), MergeParameter("normalize_weights", .flag, standard: 1),
    MergeParameter("eps", .number(0...1), standard: 1e-8),
  ]
  let base = BaseRole.optional
  let modelCount = 1...64

  func objection(to parameters: ResolvedParameters) -> String? {
    let weights = parameters.numbers("weight")
    guard parameters.flag("normalize_weights"), weights.count > 1 else { return nil }
    return objectionToSum(of: weights)
  }

  func merging(_ tensors: MergeTensors) throws -> any BlockMerge {
    let hasBase = tensors.base != nil
    guard tensors.models.count > 1 else { return LinearCombination(models: [1]) }
    let products = try GramMatrix(tensors, ofChanges: hasBase)
    let weights = try coefficients(tensors, products)
    return hasBase ? .ofChanges(weights) : LinearCombination(models: weights)
  }

  private func coefficients(_ tensors: MergeTensors, _ products: GramMatrix) throws -> [Double] {
    var weights = tensors.parameters.numbers("weight")
    let epsilon = tensors.parameters.number("eps")
    if tensors.parameters.flag("normalize_weights") {
      let sum = weights.reduce(0, +)
      weights = weights.map { $0 / sum }
    }
    let lengths = weights.indices.map { products.length($0) }
    // A tensor of zeros has no direction, and counts only with its length of nothing.
    let direction = zip(weights, lengths).map { weight, length in
      length + epsilon > 0 ? weight / (length + epsilon) : 0
    }
    let length = products.length(direction)
    guard length > 0, length >= epsilon else {
      if lengths.allSatisfy({ $0 == 0 }) || weights.count == 2 { return weights }
      throw MergeError.arithmetic(
        tensor: tensors.name,
        reason: "the weighted directions of its models cancel; other weights leave a direction")
    }
    let scale = zip(weights, lengths).reduce(0) { $0 + $1.0 * $1.1 } / length
    return direction.map { $0 * scale }
  }
}
