import Profiling

extension Compute {
  /// y = scale · x · wᵀ from packed weights: x is [rows, inputs], y [rows, outputs].
  ///
  /// The bits are those of `multiply(_:transposed:into:)` with the numbers that the weights stand for,
  /// x being rounded first where products are bfloat16 (and, there, oneDNN has no hand in them).
  public func multiply(
    _ x: Matrix, packed w: PackedWeights, into y: Matrix, scale: Float = 1,
    accumulating: Bool = false
  ) {
    multiply(x, packed: [(w, y)], scale: scale, accumulating: accumulating)
  }

  /// Several products of one x, shared out together.
  public func multiply(
    _ x: Matrix, packed products: [(weights: PackedWeights, result: Matrix)], scale: Float = 1,
    accumulating: Bool = false
  ) {
    guard x.rows > 0 else { return }
    for (weights, result) in products {
      precondition(
        x.columns == weights.inputs,
        "cannot multiply \(x.shape) by [\(weights.outputs), \(weights.inputs)] transposed")
      result.requireShape(x.rows, weights.outputs, "the product")
    }
    Profiler.measure(.packedProduct, packedWork(products.map(\.weights), rows: x.rows)) {
      guard precision == .bfloat16 else {
        return multiply(x.pointer, x.rows, products, scale, accumulating)
      }
      engine.scratch.borrow(x.count) { rounded in
        round(x.pointer, into: rounded, count: x.count)
        multiply(UnsafePointer(rounded), x.rows, products, scale, accumulating)
      }
    }
  }

  /// Reading the weights is what few rows cost.
  private func packedWork(_ weights: [PackedWeights], rows: Int) -> Work {
    weights.reduce(into: Work()) { work, weights in
      work.operations += 2 * Double(rows) * Double(weights.outputs) * Double(weights.inputs)
      work.bytes += Double(weights.byteCount)
    }
  }

  private func multiply(
    _ x: UnsafePointer<Float>, _ rows: Int,
    _ products: [(weights: PackedWeights, result: Matrix)], _ scale: Float, _ accumulating: Bool
  ) {
    let panels = products.reduce(0) { $0 + $1.weights.panelCount }
    // Shares of whole panels, large enough that their start costs nothing.
    let share = max(1, min((panels + threads - 1) / threads, 32))
    var tasks: [(task: PackedProduct, panels: Range<Int>)] = []
    var work = 0
    for (weights, result) in products {
      let task = PackedProduct(
        x: x, rows: rows, weights: weights, y: result.writable, scale: scale,
        accumulating: accumulating)
      for start in stride(from: 0, to: weights.panelCount, by: share) {
        tasks.append((task, start..<min(start + share, weights.panelCount)))
      }
      // With one row the work is reading: a weight is then as much work as eight multiplications.
      work += max(rows / 8, 1) * weights.outputs * weights.inputs
    }
    spread(tasks.count, work: work) { index in
      engine.scratch.borrow(PackedProduct.roomCount) { room in
        tasks[index].task.multiply(tasks[index].panels, room)
      }
    }
  }

  /// The rows of `table` [vocabulary, columns] that `ids` name.
  public func gather(_ table: PackedWeights, ids: [Int32], into y: Matrix) {
    y.requireShape(ids.count, table.inputs, "what is gathered")
    for id in ids {
      precondition(id >= 0 && id < table.outputs, "no row \(id) in a table of \(table.outputs)")
    }
    let target = y.writable
    spread(ids.count, work: 16 * y.count) { row in
      let (panel, column) = (table.panel(Int(ids[row]) / 16), Int(ids[row]) % 16)
      engine.scratch.borrow(16 * ProductTile.depthBlock) { room in
        for start in stride(from: 0, to: table.inputs, by: ProductTile.depthBlock) {
          let count = min(ProductTile.depthBlock, table.inputs - start)
          let block = table.block(panel, from: start, count: count, room: room)
          let place = target + row * table.inputs + start
          for k in 0..<count { place[k] = block[16 * k + column] }
        }
      }
    }
  }
}

/// One call of `multiply`.
private struct PackedProduct {
  /// Rows that pass over a panel at once; more would not stay in the second-level cache.
  static let rowBlock = 96
  static let roomCount = 16 * ProductTile.depthBlock + 16 * rowBlock

  let x: UnsafePointer<Float>
  let rows: Int
  let weights: PackedWeights
  let y: UnsafeMutablePointer<Float>
  let scale: Float
  let accumulating: Bool

  func multiply(_ panels: Range<Int>, _ room: UnsafeMutablePointer<Float>) {
    for start in stride(from: 0, to: rows, by: PackedProduct.rowBlock) {
      let block = start..<min(start + PackedProduct.rowBlock, rows)
      for panel in panels { multiply(block, panel, room) }
    }
  }

  private func multiply(_ rows: Range<Int>, _ panel: Int, _ room: UnsafeMutablePointer<Float>) {
    let (outputs, depth) = (weights.outputs, weights.inputs)
    let column = 16 &* panel
    let width = min(16, outputs &- column)
    let place = y + (rows.lowerBound &* outputs &+ column)
    var target = ProductTile.Target(result: place, stride: outputs, scale: scale, isAdded: false)
    let narrow = room + 16 &* ProductTile.depthBlock
    if width < 16 {
      (target.result, target.stride) = (narrow, 16)
      if accumulating { copyNarrow(place, outputs, to: narrow, 16, rows.count, width) }
    }
    let source = weights.panel(panel)
    for k in stride(from: 0, to: depth, by: ProductTile.depthBlock) {
      let count = min(ProductTile.depthBlock, depth &- k)
      target.isAdded = accumulating || k > 0
      if rows.count == 1 {
        weights.multiplyRow(
          x + (rows.lowerBound &* depth &+ k), source, from: k, count: count, into: target)
        continue
      }
      ProductTile.multiply(
        rows: rows.count,
        ProductTile.Operands(
          left: x + (rows.lowerBound &* depth &+ k), rowStride: depth, depthStride: 1,
          right: weights.block(source, from: k, count: count, room: room), rightStride: 16,
          depth: count),
        into: target)
    }
    if width < 16 { copyNarrow(narrow, 16, to: place, outputs, rows.count, width) }
  }

  private func copyNarrow(
    _ source: UnsafePointer<Float>, _ stride: Int, to target: UnsafeMutablePointer<Float>,
    _ targetStride: Int, _ rows: Int, _ columns: Int
  ) {
    for row in 0..<rows {
      for column in 0..<columns {
        target[row &* targetStride &+ column] = source[row &* stride &+ column]
      }
    }
  }
}
