/// A weighted mean of the weights: model soups, arXiv:2203.05482.
///
/// Σ wθ, divided by Σ w if `normalize`. A model of weight 0 takes no part, whatever is in it.
struct LinearMerge: MergeMethod {
  let name = "linear"
  let summary = "weighted mean of the weights (model soups, arXiv:2203.05482)"
  let parameters: [MergeParameter] = [.weight(), .normalize(true)]
  let base = BaseRole.model
  let modelCount = 1...64

  func objection(to parameters: ResolvedParameters) -> String? {
    guard parameters.flag("normalize") else { return nil }
    return objectionToSum(of: parameters.numbers("weight"))
  }

  func merging(_ tensors: MergeTensors) -> any BlockMerge {
    let weights = tensors.parameters.numbers("weight")
    let divisor = tensors.parameters.flag("normalize") ? weights.reduce(0, +) : 1
    return LinearCombination(models: weights.map { $0 / divisor })
  }
}

/// Why a sum cannot be divided by its weights' sum; nil if it can.
func objectionToSum(of weights: [Double]) -> String? {
  let sum = weights.reduce(0, +)
  guard abs(sum) < 1e-8 else { return nil }
  return "the weights add up to \(sum), by which the sum cannot be divided"
}
