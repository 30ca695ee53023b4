/// Σ cθ over the base and the models, the same numbers c for every element.
///
/// A tensor of weight 0 takes no part, whatever is in it; one of weight 1 beside nothing else comes out to the bit.
struct LinearCombination: BlockMerge {
  var base = 0.0
  var models: [Double]

  func merge(_ block: MergeBlock, into merged: inout [WideLanes]) {
    if base != 0 { add(block.base, base, to: &merged) }
    for (values, weight) in zip(block.models, models) where weight != 0 {
      add(values, weight, to: &merged)
    }
  }

  private func add(_ values: [Lanes], _ weight: Double, to merged: inout [WideLanes]) {
    for lanes in merged.indices { merged[lanes] += weight * values[lanes].wide }
  }

  /// θ₀ + Σ c(θ − θ₀) with changes' weights c: as one sum over tensors nothing is lost where a model stands alone.
  static func ofChanges(_ weights: [Double]) -> LinearCombination {
    LinearCombination(base: 1 - weights.reduce(0, +), models: weights)
  }
}

/// Σ cθ with numbers c of their own for every row.
struct RowCombination: BlockMerge {
  let cut = BlockCut.rows
  /// One for each of the tensor's rows.
  var rows: [LinearCombination]

  func merge(_ block: MergeBlock, into merged: inout [WideLanes]) {
    for row in block.rows {
      let combination = rows[row]
      let lanes = block.lanes(row: row - block.rows.lowerBound)
      if combination.base != 0 { add(block.base, combination.base, lanes, to: &merged) }
      for (values, weight) in zip(block.models, combination.models) where weight != 0 {
        add(values, weight, lanes, to: &merged)
      }
    }
  }

  private func add(
    _ values: [Lanes], _ weight: Double, _ range: Range<Int>, to merged: inout [WideLanes]
  ) {
    for lanes in range { merged[lanes] += weight * values[lanes].wide }
  }
}

/// Σ cθ with numbers c of their own for every column of rows of everything but the first dimension.
struct ColumnCombination: BlockMerge {
  let cut = BlockCut.outerRows
  /// Lanes of columns; nil without a base.
  var base: [WideLanes]?
  var models: [[WideLanes]]

  func merge(_ block: MergeBlock, into merged: inout [WideLanes]) {
    if let base { add(block.base, base, block, to: &merged) }
    for (values, weights) in zip(block.models, models) { add(values, weights, block, to: &merged) }
  }

  private func add(
    _ values: [Lanes], _ weights: [WideLanes], _ block: MergeBlock, to merged: inout [WideLanes]
  ) {
    for row in 0..<block.rows.count {
      let start = row * block.lanesPerRow
      for lanes in 0..<block.lanesPerRow {
        merged[start + lanes] += weights[lanes] * WideLanes(values[start + lanes])
      }
    }
  }
}
