/// Trim, elect sign, merge: arXiv:2306.01708.
///
/// Of each model's changes δ the `density` share that is largest is kept. Per element the sign of Σ wδ is elected, 0 counting as
/// plus, and θ₀ + λ Σ wδ / Σ w is taken over the models whose wδ has that sign (Σ w only if `normalize`).
struct TiesMerge: MergeMethod {
  let name = "ties"
  let summary = "trimmed changes of one sign (TIES, arXiv:2306.01708)"
  let parameters: [MergeParameter] = [
    .weight(), .density, .normalize(true), .lambda, .int8Mask,
  ]
  let base = BaseRole.required
  let modelCount = 1...64

  func merge(_ tensors: MergeTensors) -> [Float] {
    let weights = tensors.parameters.numbers("weight")
    let base = tensors.base ?? []
    let isNormalized = tensors.parameters.flag("normalize")
    let lambda = tensors.parameters.number("lambda")
    let selections = zip(tensors.models, tensors.parameters.numbers("density")).map {
      LargestChanges(of: $0, from: base, density: $1)
    }
    var merged = base
    var votes = [Double](repeating: 0, count: weights.count)
    for index in base.indices {
      let origin = Double(base[index])
      var sum = 0.0
      for model in weights.indices {
        let value = tensors.models[model][index]
        let isKept = selections[model].contains(value - base[index], at: index)
        votes[model] = isKept ? weights[model] * (Double(value) - origin) : 0
        sum += votes[model]
      }
      var change = 0.0
      var divisor = 0.0
      for model in weights.indices where sum < 0 ? votes[model] < 0 : votes[model] > 0 {
        change += votes[model]
        divisor += weights[model]
      }
      if isNormalized, abs(divisor) >= 1e-8 { change /= divisor }
      merged[index] = Float(origin + lambda * change)
    }
    return merged
  }
}

/// Which of a tensor's changes are among its largest: a threshold, found by counting instead of sorting.
///
/// The bits of a float's magnitude sort as the float does. A histogram of the upper 16 bits says in which bin the k-th largest
/// is, one of the lower 16 bits within that bin which value it has: two passes, where a sort takes twenty. Of equal magnitudes
/// the first are kept, so that exactly k are.
struct LargestChanges {
  /// Magnitudes above this are kept.
  private var threshold: UInt32
  /// Those equal to it are kept before this position.
  private var end: Int

  /// At least one element is kept of a tensor that has any, however small the density.
  init(of model: [Float], from base: [Float], density: Double) {
    let count = model.count
    var wanted = density >= 1 ? count : min(count, max(1, Int(density * Double(count))))
    guard wanted < count else {
      (threshold, end) = (0, count)
      return
    }
    var upper = [Int](repeating: 0, count: 1 << 16)
    for index in 0..<count { upper[Int(magnitude(model[index] - base[index]) >> 16)] += 1 }
    let high = Self.bin(upper, &wanted)
    var lower = [Int](repeating: 0, count: 1 << 16)
    for index in 0..<count {
      let bits = magnitude(model[index] - base[index])
      if bits >> 16 == high { lower[Int(bits & 0xFFFF)] += 1 }
    }
    threshold = UInt32(high) << 16 | UInt32(Self.bin(lower, &wanted))
    end = 0
    while wanted > 0 {
      if magnitude(model[end] - base[end]) == threshold { wanted -= 1 }
      end += 1
    }
  }

  func contains(_ change: Float, at index: Int) -> Bool {
    let bits = magnitude(change)
    return bits > threshold || bits == threshold && index < end
  }

  /// The bin that holds the `wanted`-th largest; `wanted` becomes how many of that bin it takes.
  private static func bin(_ counts: [Int], _ wanted: inout Int) -> Int {
    for bin in counts.indices.reversed() {
      if wanted <= counts[bin] { return bin }
      wanted -= counts[bin]
    }
    return 0
  }
}

private func magnitude(_ value: Float) -> UInt32 { value.bitPattern & 0x7FFF_FFFF }
