/// Drop and rescale, then add: arXiv:2311.03099.
///
/// Each of a model's changes δ is kept with the probability `density`, and what is kept is rescaled: θ₀ + λ Σ w r δ (÷ Σ w if
/// `normalize`). The paper's r is 1/density, mergekit's (and `rescale`'s standard) keeps the sum of the sizes.
struct DareLinearMerge: MergeMethod {
  let name = "dare_linear"
  let summary = "randomly dropped changes, added up (DARE, arXiv:2311.03099)"
  let parameters: [MergeParameter] = [
    .weight(), .density, .normalize(false), .rescale(.l1), .lambda, .int8Mask,
  ]
  let base = BaseRole.required
  let modelCount = 1...64

  func merging(_ tensors: MergeTensors) throws -> any BlockMerge {
    let densities = tensors.parameters.numbers("density")
    return try SparseChanges(tensors, bySign: false) { .random(density: densities[$0]) }
  }
}
