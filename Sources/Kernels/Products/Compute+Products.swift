import Profiling

extension Compute {
  /// y = scale · x · wᵀ: x is [rows, K], w [N, K] as PyTorch keeps it, y [rows, N].
  ///
  /// `accumulating` adds to y. An element's bits depend on its row of x and its row of w alone (and the
  /// term's), and with a term they are those of two products one after the other.
  public func multiply(
    _ x: Matrix, transposed w: WeightMatrix, into y: Matrix, scale: Float = 1,
    accumulating: Bool = false, adding term: LowRankTerm? = nil
  ) {
    precondition(x.columns == w.columns, "cannot multiply \(x.shape) by \(w.shape) transposed")
    y.requireShape(x.rows, w.rows, "the product")
    run(
      Product(
        rows: x.rows, columns: w.rows, depth: x.columns,
        left: x.pointer, rowStride: x.columns,
        right: w.right, rightDepthStride: 1, columnStride: w.columns,
        result: y.writable, resultStride: y.columns, scale: scale, accumulating: accumulating
      ).adding(term, transposed: true))
  }

  /// dx = scale · dy · w: dy is [rows, N], w [N, K], dx [rows, K].
  public func multiply(
    _ dy: Matrix, _ w: WeightMatrix, into dx: Matrix, scale: Float = 1, accumulating: Bool = false,
    adding term: LowRankTerm? = nil
  ) {
    precondition(dy.columns == w.rows, "cannot multiply \(dy.shape) by \(w.shape)")
    dx.requireShape(dy.rows, w.columns, "the product")
    run(
      Product(
        rows: dy.rows, columns: w.columns, depth: dy.columns,
        left: dy.pointer, rowStride: dy.columns,
        right: w.right, rightDepthStride: w.columns, columnStride: 1,
        result: dx.writable, resultStride: dx.columns, scale: scale, accumulating: accumulating
      ).adding(term, transposed: false))
  }

  /// dw = scale · dyᵀ · x: dy is [rows, N], x [rows, K], dw [N, K].
  ///
  /// It sums over rows, so its bits belong to the batch.
  public func multiply(
    transposed dy: Matrix, _ x: Matrix, into dw: Matrix, scale: Float = 1,
    accumulating: Bool = false
  ) {
    precondition(dy.rows == x.rows, "cannot multiply \(dy.shape) transposed by \(x.shape)")
    dw.requireShape(dy.columns, x.columns, "the product")
    if dw.columns <= Compute.narrowGradient, 4 * dw.columns <= dw.rows, precision == .float32 {
      return multiplyTurned(transposed: dy, x, into: dw, scale, accumulating)
    }
    run(
      Product(
        rows: dy.columns, columns: x.columns, depth: dy.rows,
        left: dy.pointer, rowStride: 1, leftDepthStride: dy.columns,
        right: .float32(x.pointer), rightDepthStride: x.columns, columnStride: 1,
        result: dw.writable, resultStride: dw.columns, scale: scale, accumulating: accumulating))
  }

  /// y = scale · x · wᵀ of float32 numbers.
  public func multiply(
    _ x: Matrix, transposed w: Matrix, into y: Matrix, scale: Float = 1,
    accumulating: Bool = false, adding term: LowRankTerm? = nil
  ) {
    multiply(
      x, transposed: .float32(w), into: y, scale: scale, accumulating: accumulating, adding: term)
  }

  /// dx = scale · dy · w of float32 numbers.
  public func multiply(
    _ dy: Matrix, _ w: Matrix, into dx: Matrix, scale: Float = 1, accumulating: Bool = false,
    adding term: LowRankTerm? = nil
  ) {
    multiply(dy, .float32(w), into: dx, scale: scale, accumulating: accumulating, adding: term)
  }

  /// As many columns of a gradient are worth turning over: those of an adapter.
  private static let narrowGradient = 64

  /// A tall and narrow dw by way of dwᵀ = scale · xᵀ · dy: what is copied into tiles is then the narrow side.
  private func multiplyTurned(
    transposed dy: Matrix, _ x: Matrix, into dw: Matrix, _ scale: Float, _ accumulating: Bool
  ) {
    engine.scratch.borrow(dw.count) { room in
      let turned = Matrix(
        FloatBuffer(borrowed: room, count: dw.count), rows: dw.columns, columns: dw.rows)
      if accumulating { transpose(dw, into: turned) }
      multiply(transposed: x, dy, into: turned, scale: scale, accumulating: accumulating)
      transpose(turned, into: dw)
    }
  }

  private func transpose(_ x: Matrix, into y: Matrix) {
    let (source, target) = (x.pointer, y.writable)
    for row in 0..<x.rows {
      for column in 0..<x.columns {
        target[column &* x.rows &+ row] = source[row &* x.columns &+ column]
      }
    }
  }

  private func run(_ product: Product) {
    guard product.rows > 0, product.columns > 0 else { return }
    Profiler.measure(product.activity, Work(operations: product.operations)) {
      guard precision == .bfloat16, product.depth > 0 else { return runTiles(product) }
      if multipliesBlocks { return runBlocks(product) }
      var alone = product
      alone.addend = nil
      runBrainFloat(alone)
      // What is small and trained is exact.
      if let term = product.addendAlone { runTiles(term) }
    }
  }

  func runTiles(_ product: Product) {
    guard product.depth > 0 else { return product.clear() }
    for slab in product.slabs {
      if slab.sharesPanels(threads: threads) {
        runTogether(slab, as: PanelGroup.self)
      } else {
        runApart(slab)
      }
    }
  }

  /// Each thread packs columns of its own, whose panels are then near.
  private func runApart(_ slab: Product) {
    let parts = blocks(
      of: slab.columns, size: ((slab.columns + threads - 1) / threads + 15) / 16 * 16)
    spread(parts.count, work: slab.work) { index in
      for columns in slab.groups(of: parts[index], numbers: Product.ownNumbers) {
        engine.scratch.borrow(PanelGroup.count(slab, columns)) { room in
          let group = PanelGroup(slab, columns, room: room)
          for panel in 0..<group.panelCount { group.pack(panel) }
          for rows in blocks(of: slab.rows, size: PanelGroup.rowLimit) { multiply(rows, group) }
        }
      }
    }
  }

  private func multiply(_ rows: Range<Int>, _ group: PanelGroup) {
    engine.scratch.borrow(group.roomCount) { room in group.multiply(rows, room) }
  }

  func blocks(of count: Int, size: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }
}

extension Product {
  fileprivate var activity: Activity {
    if packsLeft { return .weightGradient }
    return rightDepthStride == 1 ? .product : .inputGradient
  }

  fileprivate var operations: Double {
    2 * Double(rows) * Double(columns) * Double(depth + (addend?.depth ?? 0))
  }

  var work: Int { rows * columns * depth / 8 }

  /// Whether threads share the rows, and not the columns.
  ///
  /// A left side that is packed should be packed once, by one thread, too.
  fileprivate func sharesPanels(threads: Int) -> Bool {
    packsLeft ? rows >= 12 * threads : threads > 1 && columns < 32 * threads
  }
}
