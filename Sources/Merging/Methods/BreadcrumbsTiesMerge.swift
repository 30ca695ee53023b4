/// Changes neither outlying nor negligible, where they agree in sign: arXiv:2312.06795 with the consensus of arXiv:2306.01708.
struct BreadcrumbsTiesMerge: MergeMethod {
  let name = "breadcrumbs_ties"
  let summary =
    "changes of one sign without the largest and the smallest (arXiv:2312.06795, arXiv:2306.01708)"
  let parameters: [MergeParameter] = [
    .weight(), .density, .gamma, .normalize(false), .rescale(.none), .lambda, .int8Mask,
  ]
  let base = BaseRole.required
  let modelCount = 1...64

  func merging(_ tensors: MergeTensors) throws -> any BlockMerge {
    try SparseChanges(tensors, bySign: true, tensors.parameters.breadcrumbs)
  }
}
