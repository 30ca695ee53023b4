/// The merge of changes of which only some are kept: what TIES, DARE, DELLA and Breadcrumbs share.
///
/// With δ = θ − θ₀ where kept and r what rescales a model's: θ₀ + λ Σ w r δ / D. By sums, over all models; by sign, over those whose
/// wδ has the sign of Σ wrδ, 0 counting as plus (TIES, arXiv:2306.01708). D is 1, or if normalized Σ w: of all models by sums, of
/// those that take part by sign.
struct SparseChanges: BlockMerge {
  struct Model: Sendable {
    var weight: Double
    var mask: KeepMask
    var scale = 1.0
  }

  let cut: BlockCut
  var models: [Model]
  var lambda: Double
  var isNormalized: Bool
  /// Whether a sign is elected for each element.
  var bySign: Bool

  func merge(_ block: MergeBlock, into merged: inout [WideLanes]) {
    let kept = models.indices.map { masks(of: $0, block) }
    if bySign { elect(block, kept, &merged) } else { sum(block, kept, &merged) }
  }

  private func masks(of model: Int, _ block: MergeBlock) -> [KeepMask.Mask] {
    var masks = [KeepMask.Mask](repeating: KeepMask.Mask(), count: block.lanes.count)
    models[model].mask.read(block, changesOf: model, into: &masks)
    return masks
  }

  /// θ₀ and the models' kept values by their shares in one sum, so that a model that stands alone comes out to the bit.
  private func sum(_ block: MergeBlock, _ kept: [[KeepMask.Mask]], _ merged: inout [WideLanes]) {
    let total = models.reduce(0) { $0 + $1.weight }
    let divisor = isNormalized && abs(total) >= 1e-8 ? total : 1
    var shares = [WideLanes](repeating: WideLanes(), count: merged.count)
    for (model, settings) in models.enumerated() where settings.weight != 0 {
      let (values, masks) = (block.models[model], kept[model])
      let weight = lambda * settings.weight * settings.scale
      for lanes in merged.indices {
        let one = Lanes(repeating: 1).kept(where: masks[lanes])
        merged[lanes] += weight * values[lanes].kept(where: masks[lanes]).wide
        shares[lanes] += weight * one.wide
      }
    }
    let base = block.base
    for lanes in merged.indices {
      let rest = divisor - shares[lanes]
      merged[lanes] = (merged[lanes] + rest * base[lanes].wide) / divisor
    }
  }
}

extension SparseChanges {
  /// Decides for each model what is kept of it, and merges so.
  init(
    _ tensors: MergeTensors, bySign: Bool, _ sparsification: (_ model: Int) -> Sparsification
  ) throws {
    let weights = tensors.parameters.numbers("weight")
    let masks = try weights.indices.map {
      try sparsification($0).mask(tensors.alone($0), model: $0)
    }
    try self.init(
      tensors, masks: masks, cut: weights.isEmpty ? .anywhere : sparsification(0).cut,
      bySign: bySign)
  }

  /// Merges by masks that are given.
  init(_ tensors: MergeTensors, masks: [KeepMask], cut: BlockCut, bySign: Bool) throws {
    let parameters = tensors.parameters
    let weights = parameters.numbers("weight")
    let scaling = ChangeScaling.allCases[Int(parameters.number("rescale"))]
    let densities = parameters.numbers("density")
    self.cut = cut
    self.bySign = bySign
    lambda = parameters.number("lambda")
    isNormalized = parameters.flag("normalize")
    models = []
    for model in weights.indices {
      let scale = try scaling.factor(
        tensors.alone(model), masks[model], cut, density: densities[model])
      models.append(Model(weight: weights[model], mask: masks[model], scale: scale))
    }
  }
}
