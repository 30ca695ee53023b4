/// Along the great circle between two models, over the whole tensor or vector by vector; with a base, of their changes from it.
///
/// How far is told by weights, t = w₂/(w₁ + w₂), which is ½ where they add up to nothing. The vectors are the last dimension's
/// without `nuslerp_flatten`, the first dimension's with `nuslerp_row_wise` too (the names are mergekit's). The formula is
/// slerp's (Shoemake, 1985).
struct NuslerpMerge: MergeMethod {
  let name = "nuslerp"
  let summary = "spherical interpolation of two models by weights (Shoemake, 1985)"
  let parameters: [MergeParameter] = [
    .weight(), MergeParameter("nuslerp_flatten", .flag, standard: 1),
    MergeParameter("nuslerp_row_wise", .flag, standard: 0),
  ]
  let base = BaseRole.optional
  let modelCount = 2...2

  func merging(_ tensors: MergeTensors) throws -> any BlockMerge {
    let weights = tensors.parameters.numbers("weight")
    let sum = weights[0] + weights[1]
    let share = abs(sum) < 1e-6 ? 0.5 : weights[1] / sum
    let hasBase = tensors.base != nil
    if tensors.parameters.flag("nuslerp_flatten") {
      let products = try GramMatrix(tensors, ofChanges: hasBase)
      return combination(share, products.cosine(0, 1), hasBase)
    }
    if tensors.parameters.flag("nuslerp_row_wise") { return try byColumn(tensors, share) }
    let rows = try GramMatrix.ofRows(tensors, ofChanges: hasBase)
    return RowCombination(rows: rows.map { combination(share, $0.cosine(0, 1), hasBase) })
  }

  private func combination(_ share: Double, _ cosine: Double, _ hasBase: Bool) -> LinearCombination
  {
    // sin ω < 1e-8.
    let circle = GreatCircle(
      at: share, cosine: cosine, isStraight: { 1 - $0 * $0 <= 1e-16 })
    let weights = [circle.near, circle.far]
    return hasBase ? .ofChanges(weights) : LinearCombination(models: weights)
  }

  /// Vectors of the first dimension: their products are summed down the rows, all columns at once.
  private func byColumn(_ tensors: MergeTensors, _ share: Double) throws -> any BlockMerge {
    let hasBase = tensors.base != nil
    let blocks = try tensors.map(.outerRows) { ColumnProducts($0) }
    guard var sums = blocks.first else { return LinearCombination(models: [1, 0]) }
    for block in blocks.dropFirst() { sums.add(block) }
    let combinations = sums.cosines.map { combination(share, $0, hasBase) }
    return ColumnCombination(
      base: hasBase ? lanes(combinations.map(\.base)) : nil,
      models: (0..<2).map { model in lanes(combinations.map { $0.models[model] }) })
  }

  private func lanes(_ values: [Double]) -> [WideLanes] {
    stride(from: 0, to: values.count, by: 8).map { start in
      var lanes = WideLanes()
      for lane in 0..<8 { lanes[lane] = values[start + lane] }
      return lanes
    }
  }
}

/// For every column of some rows the products of two models, or of their changes.
private struct ColumnProducts: Sendable {
  private var firstSquares: [WideLanes]
  private var secondSquares: [WideLanes]
  private var products: [WideLanes]

  init(_ block: MergeBlock) {
    let zeros = [WideLanes](repeating: WideLanes(), count: block.lanesPerRow)
    (firstSquares, secondSquares, products) = (zeros, zeros, zeros)
    for row in 0..<block.rows.count {
      for lanes in 0..<block.lanesPerRow {
        let place = row * block.lanesPerRow + lanes
        let origin = block.base.isEmpty ? WideLanes() : block.base[place].wide
        let x = block.models[0][place].wide - origin
        let y = WideLanes(block.models[1][place]) - origin
        firstSquares[lanes] += x * x
        secondSquares[lanes] += y * y
        products[lanes] += x * y
      }
    }
  }

  mutating func add(_ other: ColumnProducts) {
    for lanes in products.indices {
      firstSquares[lanes] += other.firstSquares[lanes]
      secondSquares[lanes] += other.secondSquares[lanes]
      products[lanes] += other.products[lanes]
    }
  }

  /// One for each column, and for what pads them.
  var cosines: [Double] {
    (0..<products.count * 8).map { column in
      var matrix = GramMatrix(count: 2)
      matrix[0, 0] = firstSquares[column / 8][column % 8]
      matrix[1, 1] = secondSquares[column / 8][column % 8]
      matrix[0, 1] = products[column / 8][column % 8]
      return matrix.cosine(0, 1)
    }
  }
}
