/// Drop and rescale, then merge what agrees in sign: arXiv:2311.03099 with the consensus of arXiv:2306.01708.
///
/// `dare_linear` whose models take part in an element only where their wδ has the sign of Σ wδ.
struct DareTiesMerge: MergeMethod {
  let name = "dare_ties"
  let summary =
    "randomly dropped changes of one sign (DARE, arXiv:2311.03099, with TIES, arXiv:2306.01708)"
  let parameters: [MergeParameter] = [
    .weight(), .density, .normalize(false), .rescale(.l1), .lambda, .int8Mask,
  ]
  let base = BaseRole.required
  let modelCount = 1...64

  func merging(_ tensors: MergeTensors) throws -> any BlockMerge {
    let densities = tensors.parameters.numbers("density")
    return try SparseChanges(tensors, bySign: true) { .random(density: densities[$0]) }
  }
}
