/// The base plus a weighted sum of what each model changed: arXiv:2212.04089.
///
/// θ₀ + λ Σ w(θ − θ₀), divided by Σ w if `normalize`, unless that is 0.
struct TaskArithmeticMerge: MergeMethod {
  let name = "task_arithmetic"
  let summary = "the base plus weighted changes (task arithmetic, arXiv:2212.04089)"
  let parameters: [MergeParameter] = [.weight(), .normalize(false), .lambda, .int8Mask]
  let base = BaseRole.required
  let modelCount = 1...64

  func merging(_ tensors: MergeTensors) -> any BlockMerge {
    let weights = tensors.parameters.numbers("weight")
    let sum = weights.reduce(0, +)
    let divisor = tensors.parameters.flag("normalize") && abs(sum) >= 1e-8 ? sum : 1
    let lambda = tensors.parameters.number("lambda")
    return LinearCombination(
      base: (divisor - lambda * sum) / divisor, models: weights.map { lambda * $0 / divisor })
  }
}
