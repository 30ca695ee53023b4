import Profiling

extension Compute {
  /// y = scale · x · wᵀ from packed weights: x is [rows, inputs], y [rows, outputs].
  ///
  /// The bits are those of `multiply(_:transposed:into:)` with the numbers that the weights stand for; where products in
  /// bfloat16 are oneDNN's, it has no hand in these, and x is rounded first.
  public func multiply(
    _ x: Matrix, packed w: PackedWeights, into y: Matrix, scale: Float = 1,
    accumulating: Bool = false
  ) {
    multiply(x, packed: [PackedLayer(w, into: y)], scale: scale, accumulating: accumulating)
  }

  /// Several products of one x, shared out together.
  public func multiply(
    _ x: Matrix, packed layers: [PackedLayer], scale: Float = 1, accumulating: Bool = false
  ) {
    guard x.rows > 0, !layers.isEmpty else { return }
    for layer in layers {
      precondition(
        x.columns == layer.weights.inputs,
        "cannot multiply \(x.shape) by [\(layer.weights.outputs), \(layer.weights.inputs)] transposed"
      )
      layer.result.requireShape(x.rows, layer.weights.outputs, "the product")
      layer.term?.requireFit(x.rows, layer.weights.outputs)
    }
    Profiler.measure(.packedProduct, packedWork(layers.map(\.weights), rows: x.rows)) {
      let blocked = layers.filter(\.weights.isInBlocks)
      if !blocked.isEmpty { multiplyBlocks(x, blocked, scale, accumulating) }
      let layers = layers.filter { !$0.weights.isInBlocks }
      guard !layers.isEmpty else { return }
      guard precision == .bfloat16, Compute.multipliesBrainFloats else {
        return multiply(x.pointer, x.rows, layers, scale, accumulating)
      }
      engine.scratch.borrow(x.count) { rounded in
        round(x.pointer, into: rounded, count: x.count)
        multiply(UnsafePointer(rounded), x.rows, layers, scale, accumulating)
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
    _ layers: [PackedLayer], _ scale: Float, _ accumulating: Bool
  ) {
    let tasks = layers.map { layer in
      PackedProduct(
        x: x, rows: rows, weights: layer.weights, y: layer.result.writable, scale: scale,
        accumulating: accumulating, term: layer.term)
    }
    shareOut(layers.map(\.weights), rows: rows) { index, panels in
      engine.scratch.borrow(PackedProduct.roomCount) { room in
        tasks[index].multiply(panels, room)
      }
    }
  }

  /// Does products with several weights, some panels of one at a time.
  func shareOut(_ weights: [PackedWeights], rows: Int, _ body: (Int, Range<Int>) -> Void) {
    let panels = weights.reduce(0) { $0 + $1.panelCount }
    // Shares of whole panels, large enough that their start costs nothing.
    let share = max(1, min((panels + threads - 1) / threads, 48))
    var tasks: [(index: Int, panels: Range<Int>)] = []
    var work = 0
    for (index, weights) in weights.enumerated() {
      for start in stride(from: 0, to: weights.panelCount, by: share) {
        tasks.append((index, start..<min(start + share, weights.panelCount)))
      }
      // With one row the work is reading: a weight is then as much work as eight multiplications.
      work += max(rows / 8, 1) * weights.outputs * weights.inputs
    }
    spread(tasks.count, work: work) { body(tasks[$0].index, tasks[$0].panels) }
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
