extension PackedProduct {
  /// Panels that are multiplied together, as two wide tiles.
  static let triple = 3

  /// Whether so many rows are better multiplied with panels three at a time.
  ///
  /// More rows are worth keeping widened numbers for; a scale is too much to apply twice.
  func takesTriples(rows: Int) -> Bool {
    (2...9).contains(rows) && weights.inputs % 4 == 0 && weights.format == .bfloat16
  }

  /// Some rows times a panel and the next two, all of whose columns are wanted.
  func multiplyTriple(_ rows: Range<Int>, _ panel: Int) {
    let (stride, depth) = (weights.outputs, weights.inputs)
    let place = y + (rows.lowerBound &* stride &+ 16 &* panel)
    let panels = TripleBlock(start: weights.panel(panel), step: weights.panelBytes)
    var target = ProductTile.Target(result: place, stride: stride, scale: scale, isAdded: false)
    overDepth(rows) { left, k, count, isAdded in
      target.isAdded = isAdded
      for start in Swift.stride(from: 0, to: rows.count, by: PackedTile.rows) {
        var target = target
        target.result += start &* stride
        panels.multiply(
          rows: min(PackedTile.rows, rows.count &- start), left + start &* depth,
          rowStride: depth, from: k, count: count, isFirst: start == 0, into: target)
      }
    }
    for next in panel..<panel &+ PackedProduct.triple {
      addTerm(rows, next, target)
      target.result += 16
    }
  }
}

/// Three panels of bfloat16 numbers, and the three behind them.
private struct TripleBlock {
  let start: UnsafeMutableRawPointer
  /// From one panel to the next, in bytes.
  let step: Int

  /// The first panel and half of the second, the third and the other half.
  ///
  /// Each tile asks for a panel's numbers of the next three: the first rows' for the first and the last, the others'
  /// for the one between. By the time they are wanted they have come, and no block is too short to ask for the next.
  func multiply(
    rows: Int, _ left: UnsafePointer<Float>, rowStride: Int, from k: Int, count: Int,
    isFirst: Bool, into target: ProductTile.Target
  ) {
    let block = UnsafeRawPointer(start) + PackedWeights.Format.bfloat16.byteCount(inputs: k)
    let next = block + PackedProduct.triple &* step
    var (second, third) = (target, target)
    second.result += 16
    third.result += 32
    var operands = PackedTile.WideOperands(
      left: left, leftAgain: left, rowStride: rowStride, panel: block, other: block + step,
      depth: count, ahead: isFirst ? next : next + step)
    PackedTile.wide(FirstHalf.self, rows: rows, operands, into: target, second)
    operands.panel = block + 2 &* step
    if isFirst { operands.ahead = next + 2 &* step }
    second.result += 8
    PackedTile.wide(SecondHalf.self, rows: rows, operands, into: third, second)
  }
}
