/// The base, moved to the model where the two are near: NearSwap, by alchemonaut (huggingface.co/alchemonaut/QuartetAnemoi-70B-t0.0001).
///
/// w = t/|θ₀ − θ₁| within [0, 1], and wθ₁ + (1−w)θ₀: changes up to `t` are taken whole, larger ones by `t`.
struct NearswapMerge: MergeMethod {
  let name = "nearswap"
  let summary = "the base, swapped for the model where they are near (NearSwap)"
  let parameters: [MergeParameter] = [
    MergeParameter("t", .number(0...Double.greatestFiniteMagnitude))
  ]
  let base = BaseRole.required
  let modelCount = 1...1

  func merging(_ tensors: MergeTensors) -> any BlockMerge {
    NearSwapping(reach: tensors.parameters.number("t"))
  }
}

private struct NearSwapping: BlockMerge {
  var reach: Double

  func merge(_ block: MergeBlock, into merged: inout [WideLanes]) {
    let (base, model) = (block.base, block.models[0])
    let smallest = WideLanes(repeating: 1e-6)
    let one = WideLanes(repeating: 1)
    for lanes in merged.indices {
      let (origin, value) = (base[lanes].wide, model[lanes].wide)
      let change = (value - origin).magnitude
      var weight = reach / change.replacing(with: smallest, where: change .< smallest)
      weight = weight.replacing(with: one, where: weight .> one)
      merged[lanes] = weight * value + (one - weight) * origin
    }
  }
}
