/// Changes that are merged where they agree in sign.
///
/// Loops over lanes see spans and no arrays: asking an array whether it is its own at every store took as long as the arithmetic.
extension SparseChanges {
  /// Lanes that are merged at once: what is worked out for them stays in a core's nearest cache.
  private static let stretch = 64

  func elect(_ block: MergeBlock, _ kept: [[KeepMask.Mask]], _ merged: inout [WideLanes]) {
    // Σ wδ, of which only the sign counts; Σ w of those that take part, with and without what rescales them.
    var sums = [WideLanes](repeating: WideLanes(), count: Self.stretch)
    var (shares, divisors) = (sums, sums)
    for start in stride(from: 0, to: merged.count, by: Self.stretch) {
      let stretch = start..<min(merged.count, start + Self.stretch)
      for place in 0..<Self.stretch {
        sums[place] = WideLanes()
        shares[place] = WideLanes()
        divisors[place] = WideLanes()
      }
      for model in models.indices { vote(model, block, kept[model], stretch, &sums) }
      for model in models.indices {
        follow(model, block, kept[model], stretch, sums, &merged, &shares)
        guard isNormalized else { continue }
        count(model, block, kept[model], stretch, sums, &divisors)
      }
      combine(block.base, stretch, shares, divisors, &merged)
    }
  }

  /// Adds a model's weighted changes.
  private func vote(
    _ index: Int, _ block: MergeBlock, _ kept: [KeepMask.Mask], _ stretch: Range<Int>,
    _ sums: inout [WideLanes]
  ) {
    let (model, origin) = (block.models[index], block.base)
    let values = model.span
    let base = origin.span
    let masks = kept.span
    let weight = models[index].weight * models[index].scale
    var sums = sums.mutableSpan
    for lanes in stretch {
      sums[lanes - stretch.lowerBound] +=
        weight * Self.change(values[lanes], base[lanes], masks[lanes])
    }
  }

  /// Adds a model's values, and its weight, where its change has the elected sign.
  private func follow(
    _ index: Int, _ block: MergeBlock, _ kept: [KeepMask.Mask], _ stretch: Range<Int>,
    _ elected: [WideLanes], _ merged: inout [WideLanes], _ shares: inout [WideLanes]
  ) {
    let (model, origin) = (block.models[index], block.base)
    let values = model.span
    let base = origin.span
    let masks = kept.span
    let weight = models[index].weight * models[index].scale
    let sums = elected.span
    var merged = merged.mutableSpan
    var shares = shares.mutableSpan
    for lanes in stretch {
      let place = lanes - stretch.lowerBound
      let vote = weight * Self.change(values[lanes], base[lanes], masks[lanes])
      let agrees = vote.turned(by: sums[place].negativeSigns) .> 0
      merged[lanes] += (weight * values[lanes].wide).kept(where: agrees)
      shares[place] += WideLanes(repeating: weight).kept(where: agrees)
    }
  }

  /// Adds a model's weight as it was given, where its change has the elected sign.
  private func count(
    _ index: Int, _ block: MergeBlock, _ kept: [KeepMask.Mask], _ stretch: Range<Int>,
    _ elected: [WideLanes], _ divisors: inout [WideLanes]
  ) {
    let (model, origin) = (block.models[index], block.base)
    let values = model.span
    let base = origin.span
    let masks = kept.span
    let own = models[index].weight
    let weight = own * models[index].scale
    let sums = elected.span
    var divisors = divisors.mutableSpan
    for lanes in stretch {
      let place = lanes - stretch.lowerBound
      let vote = weight * Self.change(values[lanes], base[lanes], masks[lanes])
      let agrees = vote.turned(by: sums[place].negativeSigns) .> 0
      divisors[place] += WideLanes(repeating: own).kept(where: agrees)
    }
  }

  /// λ of what was added up, and the base for the rest.
  private func combine(
    _ base: [Lanes], _ stretch: Range<Int>, _ shares: [WideLanes], _ divisors: [WideLanes],
    _ merged: inout [WideLanes]
  ) {
    let (lambda, isNormalized) = (lambda, isNormalized)
    let base = base.span
    let shares = shares.span
    let divisors = divisors.span
    var merged = merged.mutableSpan
    for lanes in stretch {
      let place = lanes - stretch.lowerBound
      let (sum, share) = (lambda * merged[lanes], lambda * shares[place])
      guard isNormalized else {
        merged[lanes] = sum + (1 - share) * base[lanes].wide
        continue
      }
      let divisor = WideLanes(repeating: 1).replacing(
        with: divisors[place], where: divisors[place].magnitude .>= 1e-8)
      merged[lanes] = (sum + (divisor - share) * base[lanes].wide) / divisor
    }
  }

  /// A kept change, exactly; 0 where it is not kept.
  @inline(__always)
  private static func change(_ value: Lanes, _ origin: Lanes, _ mask: KeepMask.Mask) -> WideLanes {
    origin.replacing(with: value, where: mask).wide - origin.wide
  }
}
