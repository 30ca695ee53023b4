/// RAM whose models' own changes are strengthened where they share much with others: RAM+ by tensor, arXiv:2601.13572.
///
/// Changes that a model made alone are multiplied by 1 + `r` · min(#shared/#own, `alpha`), counted in the tensor.
struct RamPlusMerge: MergeMethod {
  let name = "ramplus_tl"
  let summary = "RAM with models' own changes strengthened (RAM+, arXiv:2601.13572)"
  let parameters: [MergeParameter] = [
    .changeFrom, MergeParameter("r", MergeParameter.anyNumber, standard: 0.1),
    MergeParameter("alpha", .number(0...Double.greatestFiniteMagnitude), standard: 0.2),
  ]
  let base = BaseRole.required
  let modelCount = 1...64

  func merging(_ tensors: MergeTensors) throws -> any BlockMerge {
    let smallest = Float(tensors.parameters.number("epsilon"))
    let (rate, limit) = (tensors.parameters.number("r"), tensors.parameters.number("alpha"))
    let counts = try counts(tensors, smallest)
    return SharedChanges(
      smallest: smallest,
      uniqueScales: counts.map { shared, unique in
        unique > 0 ? 1 + rate * min(Double(shared) / Double(unique), limit) : 1
      })
  }

  /// For each model how many elements it changed with others, and how many alone.
  private func counts(_ tensors: MergeTensors, _ smallest: Float) throws -> [(
    shared: Int, unique: Int
  )] {
    let blocks = try tensors.map(.anywhere) { block in
      var found = block.models.map { _ in (shared: 0, unique: 0) }
      for lanes in block.lanes {
        let all = SharedChanges.counts(block, lanes, above: smallest)
        for (model, values) in block.models.enumerated() {
          let own = SharedChanges.isChanged(values[lanes], block.base[lanes], above: smallest)
          found[model].shared += Self.count(own .& (all .> 1))
          found[model].unique += Self.count(own .& (all .== 1))
        }
      }
      return found
    }
    return tensors.models.indices.map { model in
      blocks.reduce((0, 0)) { ($0.0 + $1[model].shared, $0.1 + $1[model].unique) }
    }
  }

  private static func count(_ mask: SIMDMask<SIMD8<Int64>>) -> Int {
    Int(SIMD8<Int64>().replacing(with: 1, where: mask).wrappedSum())
  }
}
