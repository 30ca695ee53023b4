extension Compute {
  /// y = x · wᵀ for any number of rows: x is [rows, K], w [N, K], y [rows, N].
  ///
  /// Every output is summed alike, eight partial sums over K and a fixed tree at the end, whatever tile
  /// of rows and outputs it is computed in. So its bits depend on its row and its weights alone, and a
  /// sequence decodes to the same tokens in any company. With one row the weights' bandwidth decides.
  public func multiplyRows(
    _ x: Matrix, transposed w: Matrix, into y: Matrix, accumulating: Bool = false
  ) {
    precondition(x.columns == w.columns, "cannot multiply \(x.shape) by \(w.shape) transposed")
    y.requireShape(x.rows, w.rows, "the product")
    multiplyRows(
      x, w.pointer, outputs: w.rows, into: y, scale: 1, accumulating: accumulating)
  }

  func multiplyRows(
    _ x: Matrix, _ weights: UnsafePointer<Float>, outputs: Int, into y: Matrix, scale: Float,
    accumulating: Bool
  ) {
    guard x.rows > 0, outputs > 0 else { return }
    let task = RowProduct(
      x: x.pointer, weights: weights, y: y.writable, rows: x.rows, outputs: outputs,
      depth: x.columns, scale: scale, kept: accumulating ? 1 : 0)
    // Few outputs and many rows: share the rows. A multiple of four keeps the fast tile.
    if outputs < 256, x.rows >= 32 {
      return spreadBlocks(x.rows, block: 32, work: x.rows * outputs * x.columns / 8) { rows in
        task.multiply(rows: rows, outputs: 0..<outputs)
      }
    }
    // With one row the work is reading: a weight is then as much work as eight multiplications.
    let work = max(x.rows / 8, 1) * outputs * x.columns
    spreadBlocks(outputs, block: 96, work: work) { range in
      task.multiply(rows: 0..<x.rows, outputs: range)
    }
  }
}

/// One call of `multiplyRows`.
private struct RowProduct {
  let x: UnsafePointer<Float>
  let weights: UnsafePointer<Float>
  let y: UnsafeMutablePointer<Float>
  let rows: Int
  let outputs: Int
  let depth: Int
  let scale: Float
  /// 1 where the product is added to what is there, 0 where it replaces it.
  let kept: Float

  /// Blocks of 24 outputs stay in the second-level cache while the rows pass.
  func multiply(rows: Range<Int>, outputs: Range<Int>) {
    var output = outputs.lowerBound
    while output < outputs.upperBound {
      let end = min(output &+ 24, outputs.upperBound)
      var row = rows.lowerBound
      while row &+ 4 <= rows.upperBound {
        var place = output
        while place &+ 3 <= end {
          fourByThree(row, place)
          place &+= 3
        }
        while place < end {
          for inner in 0..<4 { oneByOne(row &+ inner, place) }
          place &+= 1
        }
        row &+= 4
      }
      while row < rows.upperBound {
        var place = output
        while place &+ 8 <= end {
          oneByEight(row, place)
          place &+= 8
        }
        while place < end {
          oneByOne(row, place)
          place &+= 1
        }
        row &+= 1
      }
      output = end
    }
  }

  @inline(__always) private func put(_ sum: Lanes, _ row: Int, _ output: Int) {
    let place = y + (row &* outputs &+ output)
    let value = sum.total * scale
    place.pointee = kept == 0 ? value : place.pointee + value
  }

  private func oneByOne(_ row: Int, _ output: Int) {
    let (a, b) = (x + row &* depth, weights + output &* depth)
    var sum = Lanes()
    var k = 0
    while k &+ 8 <= depth {
      sum = sum.addingProduct(a.lanes(at: k), b.lanes(at: k))
      k &+= 8
    }
    if k < depth {
      let rest = depth &- k
      sum = sum.addingProduct(a.lanes(at: k, count: rest), b.lanes(at: k, count: rest))
    }
    put(sum, row, output)
  }

  private func oneByEight(_ row: Int, _ output: Int) {
    var tile = OneByEight(x + row &* depth, weights + output &* depth, depth)
    overDepth { k, count in tile.add(k, count) }
    put(tile.s0, row, output)
    put(tile.s1, row, output &+ 1)
    put(tile.s2, row, output &+ 2)
    put(tile.s3, row, output &+ 3)
    put(tile.s4, row, output &+ 4)
    put(tile.s5, row, output &+ 5)
    put(tile.s6, row, output &+ 6)
    put(tile.s7, row, output &+ 7)
  }

  private func fourByThree(_ row: Int, _ output: Int) {
    var tile = FourByThree(x + row &* depth, weights + output &* depth, depth)
    overDepth { k, count in tile.add(k, count) }
    put(tile.s00, row, output)
    put(tile.s01, row, output &+ 1)
    put(tile.s02, row, output &+ 2)
    put(tile.s10, row &+ 1, output)
    put(tile.s11, row &+ 1, output &+ 1)
    put(tile.s12, row &+ 1, output &+ 2)
    put(tile.s20, row &+ 2, output)
    put(tile.s21, row &+ 2, output &+ 1)
    put(tile.s22, row &+ 2, output &+ 2)
    put(tile.s30, row &+ 3, output)
    put(tile.s31, row &+ 3, output &+ 1)
    put(tile.s32, row &+ 3, output &+ 2)
  }

  /// Whole lanes, then what is left: with a constant count the compiler drops the question of how many.
  @inline(__always) private func overDepth(_ body: (Int, Int) -> Void) {
    var k = 0
    while k &+ 8 <= depth {
      body(k, 8)
      k &+= 8
    }
    if k < depth { body(k, depth &- k) }
  }
}
