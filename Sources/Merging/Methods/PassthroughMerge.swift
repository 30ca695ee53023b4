/// One model's tensor as it is, or times `scale`: for stacking layers of different models.
struct PassthroughMerge: MergeMethod {
  let name = "passthrough"
  let summary = "tensors taken over as they are"
  let parameters: [MergeParameter] = [
    MergeParameter("scale", MergeParameter.anyNumber, standard: 1, isPerModel: true)
  ]
  let base = BaseRole.model
  let modelCount = 1...1

  func merge(_ tensors: MergeTensors) -> [Float] {
    let scale = tensors.parameters.numbers("scale")[0]
    return scale == 1 ? tensors.models[0] : tensors.models[0].map { Float(scale * Double($0)) }
  }
}
