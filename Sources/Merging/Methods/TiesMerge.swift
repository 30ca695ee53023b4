/// Trim, elect sign, merge: arXiv:2306.01708.
///
/// Of each model's changes δ the `density` share that is largest is kept. Per element the sign of Σ wδ is elected, 0 counting as
/// plus, and θ₀ + λ Σ wδ / Σ w is taken over the models whose wδ has that sign (Σ w only if `normalize`).
struct TiesMerge: MergeMethod {
  let name = "ties"
  let summary = "trimmed changes of one sign (TIES, arXiv:2306.01708)"
  let parameters: [MergeParameter] = [
    .weight(), .density, .normalize(true), .rescale(.none), .lambda, .int8Mask,
  ]
  let base = BaseRole.required
  let modelCount = 1...64

  func merging(_ tensors: MergeTensors) throws -> any BlockMerge {
    let densities = tensors.parameters.numbers("density")
    return try SparseChanges(tensors, bySign: true) { .largest(density: densities[$0]) }
  }
}
