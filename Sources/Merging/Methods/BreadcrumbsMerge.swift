/// Changes neither outlying nor negligible, added up: Model Breadcrumbs, arXiv:2312.06795.
///
/// Of each model's changes the `gamma` share that is largest goes, then so many of the smallest that the `density` share remains; a
/// `density` of 1 keeps all. θ₀ + λ Σ wδ (÷ Σ w if `normalize`).
struct BreadcrumbsMerge: MergeMethod {
  let name = "breadcrumbs"
  let summary = "changes without the largest and the smallest (Model Breadcrumbs, arXiv:2312.06795)"
  let parameters: [MergeParameter] = [
    .weight(), .density, .gamma, .normalize(false), .rescale(.none), .lambda, .int8Mask,
  ]
  let base = BaseRole.required
  let modelCount = 1...64

  func merging(_ tensors: MergeTensors) throws -> any BlockMerge {
    try SparseChanges(tensors, bySign: false, tensors.parameters.breadcrumbs)
  }
}

extension MergeParameter {
  /// The share of a model's changes that goes for being too large.
  static let gamma = MergeParameter("gamma", .number(0...1), standard: 0.01, isPerModel: true)
}

extension ResolvedParameters {
  /// What Breadcrumbs keeps of each model.
  var breadcrumbs: (_ model: Int) -> Sparsification {
    let (densities, gammas) = (numbers("density"), numbers("gamma"))
    return { .withoutOutliers(density: densities[$0], outliers: gammas[$0]) }
  }
}
