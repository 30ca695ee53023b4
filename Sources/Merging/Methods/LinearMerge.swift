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
    let sum = parameters.numbers("weight").reduce(0, +)
    guard parameters.flag("normalize"), abs(sum) < 1e-8 else { return nil }
    return "the weights add up to \(sum), by which the sum cannot be divided"
  }

  func merge(_ tensors: MergeTensors) -> [Float] {
    let weights = tensors.parameters.numbers("weight")
    let divisor = tensors.parameters.flag("normalize") ? weights.reduce(0, +) : 1
    return weightedSum(tensors.models, weights).map { Float($0 / divisor) }
  }
}

/// Σ wx for each element, in Double: a product of two floats is exact there, so the only rounding that shows is the last.
func weightedSum(_ models: [[Float]], _ weights: [Double]) -> [Double] {
  var sum = [Double](repeating: 0, count: models.first?.count ?? 0)
  for (model, weight) in zip(models, weights) where weight != 0 {
    precondition(model.count == sum.count, "\(model.count) elements beside \(sum.count)")
    for index in sum.indices { sum[index] += weight * Double(model[index]) }
  }
  return sum
}
