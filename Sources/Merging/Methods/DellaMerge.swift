/// Drop by magnitude, elect, fuse: DELLA, arXiv:2406.11617.
///
/// Each of a model's changes is kept by chance, larger ones more likely: from `density` − `epsilon` for the smallest of a row to
/// `density` + `epsilon` for its largest. What is kept is rescaled as in DARE and merged where it agrees in sign as in TIES.
struct DellaMerge: MergeMethod {
  let name = "della"
  let summary = "changes of one sign, dropped by rank (DELLA, arXiv:2406.11617)"
  let parameters: [MergeParameter] = [
    .weight(), .density, .epsilon, .normalize(true), .rescale(.l1), .lambda, .int8Mask,
  ]
  let base = BaseRole.required
  let modelCount = 1...64

  func objection(to parameters: ResolvedParameters) -> String? { parameters.objectionToRanks }

  func merging(_ tensors: MergeTensors) throws -> any BlockMerge {
    try SparseChanges(tensors, bySign: true, tensors.parameters.ranks)
  }
}

extension MergeParameter {
  /// How far the probability that a change is kept goes from the density, by the change's rank.
  static let epsilon = MergeParameter(
    "epsilon", .number(0...1), standard: 0.15, isPerModel: true)
}

extension ResolvedParameters {
  /// What DELLA keeps of each model.
  var ranks: (_ model: Int) -> Sparsification {
    let (densities, spreads) = (numbers("density"), numbers("epsilon"))
    return { .ranked(density: densities[$0], spread: spreads[$0]) }
  }

  /// Why there are no probabilities for these densities; nil if there are.
  var objectionToRanks: String? {
    for (density, spread) in zip(numbers("density"), numbers("epsilon"))
    where density > 0 && density < 1 && (density - spread <= 0 || density + spread >= 1) {
      return "the density \(density) ± the epsilon \(spread) has to stay between 0 and 1"
    }
    return nil
  }
}
