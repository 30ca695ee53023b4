/// Along the great circle from the base to a model (Shoemake, 1985), over the whole tensor.
///
/// Where the two are all but parallel (|cos ω| > 0.9995), along the line.
struct SlerpMerge: MergeMethod {
  let name = "slerp"
  let summary = "spherical interpolation of two models (Shoemake, 1985)"
  let parameters: [MergeParameter] = [MergeParameter("t", .number(0...1))]
  let base = BaseRole.required
  let modelCount = 1...1

  func merging(_ tensors: MergeTensors) throws -> any BlockMerge {
    let both = tensors.withBaseFirst
    let products = try GramMatrix(both, ofChanges: false)
    let circle = GreatCircle(
      at: tensors.parameters.number("t"), cosine: products.cosine(0, 1),
      isStraight: { abs($0) > 0.9995 })
    return LinearCombination(base: circle.near, models: [circle.far])
  }
}

extension MergeTensors {
  /// The base as the first of the models.
  var withBaseFirst: MergeTensors {
    var all = self
    all.models = (base.map { [$0] } ?? []) + models
    all.base = nil
    return all
  }
}
