/// Changes of one model alone are added, changes of several averaged: Reinforced Agent Merging, arXiv:2601.13572.
///
/// A model changed an element where |θ − θ₀| > `epsilon`.
struct RamMerge: MergeMethod {
  let name = "ram"
  let summary = "changes of one model added, of several averaged (RAM, arXiv:2601.13572)"
  let parameters: [MergeParameter] = [.changeFrom]
  let base = BaseRole.required
  let modelCount = 1...64

  func merging(_ tensors: MergeTensors) -> any BlockMerge {
    SharedChanges(
      smallest: Float(tensors.parameters.number("epsilon")),
      uniqueScales: [Double](repeating: 1, count: tensors.models.count))
  }
}

extension MergeParameter {
  /// How large a difference has to be to count as a change.
  static let changeFrom = MergeParameter(
    "epsilon", .number(0...Double.greatestFiniteMagnitude), standard: 1e-5)
}

/// Changes that one model made, each model's scaled, beside the means of those that several made.
struct SharedChanges: BlockMerge {
  /// Only larger differences are changes; compared as floats.
  var smallest: Float
  var uniqueScales: [Double]

  func merge(_ block: MergeBlock, into merged: inout [WideLanes]) {
    for lanes in merged.indices {
      let counts = Self.counts(block, lanes, above: smallest)
      let origin = block.base[lanes].wide
      let isUnique = counts .== 1
      let divisors = counts.replacing(with: 1, where: isUnique)
      var sum = WideLanes()
      for (values, scale) in zip(block.models, uniqueScales) {
        let isChanged = Self.isChanged(values[lanes], block.base[lanes], above: smallest)
        let change = values[lanes].wide - origin
        let factor = (1 / divisors).replacing(with: scale, where: isUnique)
        sum += WideLanes().replacing(with: change * factor, where: isChanged)
      }
      merged[lanes] = origin + sum
    }
  }

  /// How many models changed each element.
  static func counts(_ block: MergeBlock, _ lanes: Int, above smallest: Float) -> WideLanes {
    var counts = WideLanes()
    for values in block.models {
      counts += WideLanes().replacing(
        with: 1, where: isChanged(values[lanes], block.base[lanes], above: smallest))
    }
    return counts
  }

  static func isChanged(_ value: Lanes, _ origin: Lanes, above smallest: Float)
    -> SIMDMask<SIMD8<Int64>>
  {
    let change = WideLanes(value - origin).magnitude
    return change .> Double(smallest)
  }
}
