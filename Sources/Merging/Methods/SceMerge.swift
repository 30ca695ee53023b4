/// Select, calculate, erase: SCE, arXiv:2408.07990.
///
/// Of the elements whose changes δ differ at all between the models the `select_topk` share with the largest variance is selected. A
/// model's weight is its mean δ² there over that of all. Per element the models whose δ has the sign of Σ δ (0 counting as plus)
/// take part: θ₀ + Σ wδ / Σ w. Where the mean δ² add up to less than 1e-6, models weigh alike, as in mergekit.
struct SceMerge: MergeMethod {
  let name = "sce"
  let summary = "changes of one sign where models differ most (SCE, arXiv:2408.07990)"
  let parameters: [MergeParameter] = [
    MergeParameter("select_topk", .number(0...1), standard: 1), .int8Mask,
  ]
  let base = BaseRole.required
  let modelCount = 1...64

  func merging(_ tensors: MergeTensors) throws -> any BlockMerge {
    let share = tensors.parameters.number("select_topk")
    var mask = KeepMask(share > 0 ? .all : .none)
    if share > 0, share < 1 {
      let selection = try MagnitudeSelection(tensors, cut: .anywhere) { block, keys in
        for lanes in keys.indices { keys[lanes] = Self.variance(block, lanes).magnitudes }
      }
      let wanted = Int(share * Double(try selection.nonzeroCount()))
      mask = KeepMask(
        wanted > 0 ? .band(MagnitudeBand(low: try selection.threshold(rank: wanted))) : .none)
    }
    return SelectedChanges(weights: try weights(tensors, mask), mask: mask)
  }

  /// The variance of the models' changes, which is that of the models.
  static func variance(_ block: MergeBlock, _ lanes: Int) -> Lanes {
    let count = Double(block.models.count)
    let origin = block.base[lanes].wide
    var mean = WideLanes()
    for model in block.models { mean += model[lanes].wide - origin }
    mean /= count
    var sum = WideLanes()
    for model in block.models {
      let distance = model[lanes].wide - origin - mean
      sum += distance * distance
    }
    return Lanes(sum / count)
  }

  private func weights(_ tensors: MergeTensors, _ mask: KeepMask) throws -> [Double] {
    let blocks = try tensors.map(.anywhere) { block in
      let selected = SelectedChanges.selected(block, mask)
      return block.models.map { values in
        var sum = WideLanes()
        for lanes in block.lanes {
          let change = selected.change(values, lanes)
          sum += change * change
        }
        return sum.total
      }
    }
    var squares = [Double](repeating: 0, count: tensors.models.count)
    for block in blocks { for model in squares.indices { squares[model] += block[model] } }
    let means = squares.map { $0 / Double(max(1, tensors.count)) }
    let sum = means.reduce(0, +)
    return sum < 1e-6
      ? means.map { _ in 1 / Double(means.count) } : means.map { $0 / sum }
  }
}

/// Changes within a mask, merged by the majority's sign.
private struct SelectedChanges: BlockMerge {
  var weights: [Double]
  var mask: KeepMask

  /// A block's base, and which of its elements are selected.
  struct Selected {
    var base: [Lanes]
    var masks: [KeepMask.Mask]

    /// A model's change, exactly; 0 where it is not selected.
    func change(_ values: [Lanes], _ lanes: Int) -> WideLanes {
      let origin = base[lanes]
      return WideLanes(origin.replacing(with: values[lanes], where: masks[lanes]))
        - WideLanes(origin)
    }
  }

  static func selected(_ block: MergeBlock, _ mask: KeepMask) -> Selected {
    var masks = [KeepMask.Mask](
      repeating: KeepMask.Mask(repeating: false), count: block.lanes.count)
    if mask.kind != .none {
      let variances = mask.isAll ? [] : block.lanes.map { SceMerge.variance(block, $0) }
      mask.read(block, changes: variances, into: &masks)
    }
    return Selected(base: block.base, masks: masks)
  }

  func merge(_ block: MergeBlock, into merged: inout [WideLanes]) {
    let selected = Self.selected(block, mask)
    for lanes in merged.indices {
      var sum = WideLanes()
      for values in block.models { sum += selected.change(values, lanes) }
      let sign = WideLanes(repeating: 1).replacing(with: -1, where: sum .< 0)
      var (change, divisor) = (WideLanes(), WideLanes())
      for (values, weight) in zip(block.models, weights) {
        let own = selected.change(values, lanes)
        let agrees = own * sign .> 0
        change += weight * WideLanes().replacing(with: own, where: agrees)
        divisor += WideLanes().replacing(with: weight, where: agrees)
      }
      divisor.replace(with: 1e-6, where: divisor .< 1e-6)
      merged[lanes] = block.base[lanes].wide + change / divisor
    }
  }
}
