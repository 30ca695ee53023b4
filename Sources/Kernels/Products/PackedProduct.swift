/// One product with packed weights, y [rows, outputs] = scale · x · wᵀ or added to it, and parts of it.
struct PackedProduct {
  /// Rows that pass over a panel at once; more would not stay in the second-level cache.
  private static let rowBlock = 96
  static let roomCount = 16 * ProductTile.depthBlock + 16 * rowBlock

  let x: UnsafePointer<Float>
  let rows: Int
  let weights: PackedWeights
  let y: UnsafeMutablePointer<Float>
  let scale: Float
  let accumulating: Bool
  var term: PackedLayer.Term?

  func multiply(_ panels: Range<Int>, _ room: UnsafeMutablePointer<Float>) {
    for start in stride(from: 0, to: rows, by: PackedProduct.rowBlock) {
      let block = start..<min(start + PackedProduct.rowBlock, rows)
      var panel = panels.lowerBound
      if block.count == 1 {
        while panel &+ 1 < panels.upperBound {
          multiplyPair(block, panel, room)
          panel &+= 2
        }
      } else if takesTriples(rows: block.count) {
        let whole = min(panels.upperBound, weights.outputs / 16)
        while panel &+ PackedProduct.triple <= whole {
          multiplyTriple(block, panel)
          panel &+= PackedProduct.triple
        }
      }
      while panel < panels.upperBound {
        multiply(block, panel, room)
        panel &+= 1
      }
    }
  }

  /// The first rows widen the panel's numbers for those after them.
  private func multiply(_ rows: Range<Int>, _ panel: Int, _ room: UnsafeMutablePointer<Float>) {
    var target = open(rows, panel, room)
    overDepth(rows) { left, k, count, isAdded in
      target.isAdded = isAdded
      var (height, rest, right) = (0, target, UnsafePointer(room))
      if count % 4 != 0 || (weights.format == .float32 && rows.count > PackedTile.rows) {
        right = weights.block(weights.panel(panel), from: k, count: count, room: room)
      } else {
        height = min(rows.count, PackedTile.rows)
        weights.multiply(
          rows: height, left, rowStride: weights.inputs, panel: panel, from: k, count: count,
          into: target, room: room)
      }
      guard height < rows.count else { return }
      var operands = ProductTile.Operands(
        left: left + height &* weights.inputs, rowStride: weights.inputs, right: right,
        depth: count, tiles: ProductTile.tiles(rows: rows.count &- height))
      if weights.format != .float32 {
        operands.ask(
          for: weights.panel(panel) + weights.format.byteCount(inputs: k &+ count),
          byteCount: weights.format.byteCount(inputs: count))
      }
      rest.result += height &* rest.stride
      ProductTile.multiply(rows: rows.count &- height, operands, into: rest)
    }
    addTerm(rows, panel, target)
    close(rows, panel, room)
  }

  /// One row times a panel and the next one.
  private func multiplyPair(
    _ row: Range<Int>, _ panel: Int, _ room: UnsafeMutablePointer<Float>
  ) {
    guard weights.inputs % 4 == 0 else {
      multiply(row, panel, room)
      return multiply(row, panel &+ 1, room)
    }
    var (target, other) = (open(row, panel, room), open(row, panel &+ 1, room))
    overDepth(row) { left, k, count, isAdded in
      (target.isAdded, other.isAdded) = (isAdded, isAdded)
      weights.multiplyPair(left, panel: panel, from: k, count: count, into: target, other)
    }
    addTerm(row, panel, target)
    addTerm(row, panel &+ 1, other)
    close(row, panel &+ 1, room)
  }

  /// The term's part of a panel's results, which are near.
  func addTerm(_ rows: Range<Int>, _ panel: Int, _ target: ProductTile.Target) {
    guard let term else { return }
    var target = target
    target.scale = term.scale
    term.rows(rows).multiply(term.panel(panel), into: target, true)
  }

  /// Block by block of the depth: the rows' numbers there, where it starts and how long it is, and whether
  /// its sums are added.
  @inline(__always) func overDepth(
    _ rows: Range<Int>, _ body: (UnsafePointer<Float>, Int, Int, Bool) -> Void
  ) {
    let depth = weights.inputs
    for k in stride(from: 0, to: depth, by: ProductTile.depthBlock) {
      body(
        x + (rows.lowerBound &* depth &+ k), k, min(ProductTile.depthBlock, depth &- k),
        accumulating || k > 0)
    }
  }

  /// Where a panel's results go: to y, or where the panel is the last and narrow, by way of the room.
  private func open(
    _ rows: Range<Int>, _ panel: Int, _ room: UnsafeMutablePointer<Float>
  ) -> ProductTile.Target {
    let place = y + (rows.lowerBound &* weights.outputs &+ 16 &* panel)
    let width = width(panel)
    guard width < 16 else {
      return ProductTile.Target(
        result: place, stride: weights.outputs, scale: scale, isAdded: false)
    }
    let narrow = room + 16 &* ProductTile.depthBlock
    if accumulating { copyNarrow(place, weights.outputs, to: narrow, 16, rows.count, width) }
    return ProductTile.Target(result: narrow, stride: 16, scale: scale, isAdded: false)
  }

  private func close(_ rows: Range<Int>, _ panel: Int, _ room: UnsafeMutablePointer<Float>) {
    let width = width(panel)
    guard width < 16 else { return }
    copyNarrow(
      room + 16 &* ProductTile.depthBlock, 16,
      to: y + (rows.lowerBound &* weights.outputs &+ 16 &* panel), weights.outputs, rows.count,
      width)
  }

  private func width(_ panel: Int) -> Int { min(16, weights.outputs &- 16 &* panel) }
}

extension PackedWeights {
  /// At most four rows times a block of a panel; `start` is a multiple of a group, `count` of four.
  fileprivate func multiply(
    rows: Int, _ left: UnsafePointer<Float>, rowStride: Int, panel index: Int, from start: Int,
    count: Int, into target: ProductTile.Target, room: UnsafeMutablePointer<Float>
  ) {
    func multiply<Reader: PanelReader>(_ reader: Reader.Type) {
      PackedTile.multiply(
        reader, rows: rows, operands(reader, left, rowStride, index, start, count), into: target,
        room: room)
    }
    switch format {
    case .float32: multiply(FloatReader.self)
    case .bfloat16: multiply(BrainFloatReader.self)
    case .int8: multiply(ByteReader.self)
    case .int4: multiply(NibbleReader.self)
    }
  }

  /// One row times a block of a panel and of the next one.
  fileprivate func multiplyPair(
    _ left: UnsafePointer<Float>, panel index: Int, from start: Int, count: Int,
    into target: ProductTile.Target, _ other: ProductTile.Target
  ) {
    func multiply<Reader: PanelReader>(_ reader: Reader.Type) {
      PackedTile.pair(
        reader, operands(reader, left, 0, index, start, count), next: panelBytes, into: target,
        other)
    }
    switch format {
    case .float32: multiply(FloatReader.self)
    case .bfloat16: multiply(BrainFloatReader.self)
    case .int8: multiply(ByteReader.self)
    case .int4: multiply(NibbleReader.self)
    }
  }

  @inline(__always) private func operands<Reader: PanelReader>(
    _ reader: Reader.Type, _ left: UnsafePointer<Float>, _ rowStride: Int, _ index: Int,
    _ start: Int, _ count: Int
  ) -> PackedTile.Operands {
    PackedTile.Operands(
      left: left, rowStride: rowStride,
      groups: UnsafeRawPointer(panel(index)) + start / PackedWeights.group &* Reader.groupBytes,
      depth: count)
  }
}
