import Glibc

/// Only the changes that matter by far: Arcee Fusion (arcee.ai; as mergekit 0.1.5 does it).
///
/// An element's importance is |δ| times its row's KL(softmax θ₁ ‖ softmax θ₀), every probability plus 1e-8. Changes are taken whose
/// importance is at least the median plus 1.5 times the distance of the quartiles. Quantiles are those of all elements, found by
/// counting: mergekit takes them from a random million, so that its threshold differs from run to run.
struct ArceeFusionMerge: MergeMethod {
  let name = "arcee_fusion"
  let summary = "the changes of outstanding importance (Arcee Fusion)"
  let parameters: [MergeParameter] = []
  let base = BaseRole.required
  let modelCount = 1...1

  func merging(_ tensors: MergeTensors) throws -> any BlockMerge {
    let divergences = try tensors.map(.rows) { block in
      (0..<block.rows.count).map { Self.divergence(block, row: $0) }
    }.flatMap { $0 }
    var fusion = Fusion(divergences: divergences, threshold: 0)
    guard tensors.count > 0 else { return fusion }
    let selection = try MagnitudeSelection(tensors, cut: .rows) { [fusion] block, keys in
      for lanes in keys.indices { keys[lanes] = fusion.importance(block, lanes).magnitudes }
    }
    let quantile = { (share: Double) in
      // The one at this place of ascending order, not an interpolation.
      let place = Int(share * Double(tensors.count - 1))
      return Float(bitPattern: try selection.value(rank: tensors.count - place))
    }
    fusion.threshold = try quantile(0.5) + 1.5 * (try quantile(0.75) - quantile(0.25))
    return fusion
  }

  private static func divergence(_ block: MergeBlock, row: Int) -> Double {
    let range =
      block.lanes(row: row).lowerBound * 8..<block.lanes(row: row).lowerBound * 8
      + block.columns
    let model = softmax(block.models[0].floats(range))
    let base = softmax(block.base.floats(range))
    return max(0, zip(model, base).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) })
  }

  /// Probabilities, each plus 1e-8.
  private static func softmax(_ values: [Float]) -> [Double] {
    let largest = Double(values.max() ?? 0)
    let powers = values.map { exp(Double($0) - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum + 1e-8 }
  }
}

private struct Fusion: BlockMerge {
  let cut = BlockCut.rows
  /// One for each row.
  var divergences: [Double]
  var threshold: Float

  func importance(_ block: MergeBlock, _ lanes: Int) -> Lanes {
    let row = block.rows.lowerBound + lanes / max(1, block.lanesPerRow)
    let change = block.models[0][lanes] - block.base[lanes]
    return Lanes(WideLanes(change).magnitude * divergences[row])
  }

  func merge(_ block: MergeBlock, into merged: inout [WideLanes]) {
    for lanes in merged.indices {
      let isTaken = importance(block, lanes) .>= threshold
      let (origin, value) = (block.base[lanes], block.models[0][lanes])
      merged[lanes] = WideLanes(origin.replacing(with: value, where: isTaken))
    }
  }
}
