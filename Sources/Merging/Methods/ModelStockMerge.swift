/// As far from the base towards the models' mean as their agreement says: Model Stock, arXiv:2403.19522.
///
/// With c the mean cosine between two models' changes and N models, t = Nc/(1 + (N−1)c), and t · mean θ + (1−t)θ₀. Where 1 + (N−1)c
/// is 0 the changes cancel, and the base remains. `filter_wise` takes c and t for each row by itself.
struct ModelStockMerge: MergeMethod {
  let name = "model_stock"
  let summary =
    "between the base and the models' mean by their angles (Model Stock, arXiv:2403.19522)"
  let parameters: [MergeParameter] = [MergeParameter("filter_wise", .flag, standard: 0)]
  let base = BaseRole.required
  let modelCount = 2...64

  func merging(_ tensors: MergeTensors) throws -> any BlockMerge {
    guard tensors.parameters.flag("filter_wise") else {
      return combination(try GramMatrix(tensors, ofChanges: true))
    }
    return RowCombination(rows: try GramMatrix.ofRows(tensors, ofChanges: true).map(combination))
  }

  private func combination(_ products: GramMatrix) -> LinearCombination {
    let count = Double(products.count)
    var sum = 0.0
    for first in 0..<products.count {
      for second in first + 1..<products.count {
        // A product of lengths below 1e-6 says too little of an angle.
        let lengths = (products[first, first] * products[second, second]).squareRoot()
        sum += max(-1, min(1, products[first, second] / max(lengths, 1e-6)))
      }
    }
    let cosine = sum / (count * (count - 1) / 2)
    let divisor = 1 + (count - 1) * cosine
    let share = abs(divisor) < 1e-6 ? 0 : count * cosine / divisor
    return LinearCombination(
      base: 1 - share, models: [Double](repeating: share / count, count: products.count))
  }
}
