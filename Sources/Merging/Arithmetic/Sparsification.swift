/// Which of a model's changes a method keeps, by their magnitudes or by chance.
enum Sparsification: Sendable, Equatable {
  /// Changes as they are.
  case none
  /// The `density` share that is largest, at least one element of any: TIES, arXiv:2306.01708. Of equal sizes the first are kept.
  case largest(density: Double)
  /// A share of `density` after the `outliers` share that is largest: Model Breadcrumbs, arXiv:2312.06795.
  ///
  /// Where the two add up to more than 1, fewer outliers go. Of equal sizes the last in the tensor count as larger, for the method
  /// counts from the smallest.
  case withoutOutliers(density: Double, outliers: Double)
  /// Each with the probability `density`: DARE, arXiv:2311.03099.
  case random(density: Double)
  /// Each with a probability from `density` − `spread` to `density` + `spread`, by its magnitude's rank in its row: DELLA,
  /// arXiv:2406.11617.
  case ranked(density: Double, spread: Double)

  var cut: BlockCut { if case .ranked = self { .rows } else { .anywhere } }

  private var density: Double {
    switch self {
    case .none: 1
    case .largest(let density), .withoutOutliers(let density, _), .random(let density),
      .ranked(let density, _):
      density
    }
  }

  /// What is kept of the changes of `tensors`' only model, the `model`-th of the merge.
  func mask(_ tensors: MergeTensors, model: Int) throws -> KeepMask {
    let count = tensors.count
    guard density < 1, count > 0 else { return KeepMask(.all) }
    guard density > 0 else { return KeepMask(.none) }
    switch self {
    case .none: return KeepMask(.all)
    case .largest(let density):
      let selection = try MagnitudeSelection(changes: tensors)
      let wanted = max(1, Int(density * Double(count)))
      return KeepMask(.band(MagnitudeBand(low: try selection.threshold(rank: wanted))))
    case .withoutOutliers(let density, let outliers):
      let wanted = Int(density * Double(count))
      let dropped = min(Int(outliers * Double(count)), count - wanted)
      guard wanted > 0 else { return KeepMask(.none) }
      let selection = try MagnitudeSelection(changes: tensors)
      let low = try selection.threshold(rank: dropped + wanted, ofEqual: .last)
      let high = dropped > 0 ? try selection.threshold(rank: dropped, ofEqual: .last) : nil
      return KeepMask(.band(MagnitudeBand(low: low, high: high)))
    case .random(let density):
      return KeepMask(.bytes(try RandomMask(tensors, model: model).bytes(density: density)))
    case .ranked(let density, let spread):
      return KeepMask(
        .bytes(try RandomMask(tensors, model: model).bytes(density: density, spread: spread)))
    }
  }
}

/// By what changes that are kept are multiplied.
enum ChangeScaling: String, Sendable, CaseIterable {
  /// ‖δ‖₁ over that of what is kept: mergekit's rescaling, its `true`.
  case l1
  /// One over the density: the papers' rescaling, which keeps a change's expectation.
  case inverseDensity = "inverse_density"
  case none

  /// The factor for `tensors`' only model.
  func factor(_ tensors: MergeTensors, _ mask: KeepMask, _ cut: BlockCut, density: Double) throws
    -> Double
  {
    switch self {
    case .none: return 1
    case .inverseDensity: return density > 0 ? 1 / min(1, density) : 1
    case .l1:
      guard !mask.isAll else { return 1 }
      let sums = try tensors.map(cut) { Self.sizes($0, mask) }
      let all = sums.reduce(0) { $0 + $1.all }
      let kept = sums.reduce(0) { $0 + $1.kept }
      // mergekit's bound: of less there is nothing to keep.
      return all < 1e-7 || kept < 1e-7 ? 1 : all / kept
    }
  }

  private static func sizes(_ block: MergeBlock, _ mask: KeepMask) -> (all: Double, kept: Double) {
    var (all, kept) = (WideLanes(), WideLanes())
    let (base, model) = (block.base, block.models[0])
    var masks = [KeepMask.Mask](repeating: KeepMask.Mask(), count: block.lanes.count)
    mask.read(block, changesOf: 0, into: &masks)
    for lanes in block.lanes {
      let change = model[lanes] - base[lanes]
      all += change.wide.magnitude
      kept += change.kept(where: masks[lanes]).wide.magnitude
    }
    return (all.total, kept.total)
  }
}
