/// Drop by magnitude, then add: DELLA (arXiv:2406.11617) without its election of signs.
struct DellaLinearMerge: MergeMethod {
  let name = "della_linear"
  let summary = "changes dropped by rank, added up (DELLA, arXiv:2406.11617)"
  let parameters: [MergeParameter] = [
    .weight(), .density, .epsilon, .normalize(false), .rescale(.l1), .lambda, .int8Mask,
  ]
  let base = BaseRole.required
  let modelCount = 1...64

  func objection(to parameters: ResolvedParameters) -> String? { parameters.objectionToRanks }

  func merging(_ tensors: MergeTensors) throws -> any BlockMerge {
    try SparseChanges(tensors, bySign: false, tensors.parameters.ranks)
  }
}
