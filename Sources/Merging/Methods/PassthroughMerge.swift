/// One model's tensor as it is, or times `scale`: for stacking layers of different models.
struct PassthroughMerge: MergeMethod {
  let name = "passthrough"
  let summary = "tensors taken over as they are"
  let parameters: [MergeParameter] = [
    MergeParameter("scale", MergeParameter.anyNumber, standard: 1, isPerModel: true)
  ]
  let base = BaseRole.model
  let modelCount = 1...1

  func merging(_ tensors: MergeTensors) -> any BlockMerge {
    Scaling(scale: tensors.parameters.numbers("scale")[0])
  }
}

private struct Scaling: BlockMerge {
  var scale: Double

  /// Nothing is added to the product: a zero keeps its sign.
  func merge(_ block: MergeBlock, into merged: inout [WideLanes]) {
    let values = block.models[0]
    for lanes in merged.indices { merged[lanes] = scale * values[lanes].wide }
  }
}
