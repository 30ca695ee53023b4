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
    let a = x + row &* depth
    let b = weights + output &* depth
    var (s0, s1, s2, s3) = (Lanes(), Lanes(), Lanes(), Lanes())
    var (s4, s5, s6, s7) = (Lanes(), Lanes(), Lanes(), Lanes())
    var k = 0
    while k < depth {
      let count = min(8, depth &- k)
      let left = a.some(at: k, count: count)
      s0 = s0.addingProduct(left, b.some(at: k, count: count))
      s1 = s1.addingProduct(left, b.some(at: depth &+ k, count: count))
      s2 = s2.addingProduct(left, b.some(at: 2 &* depth &+ k, count: count))
      s3 = s3.addingProduct(left, b.some(at: 3 &* depth &+ k, count: count))
      s4 = s4.addingProduct(left, b.some(at: 4 &* depth &+ k, count: count))
      s5 = s5.addingProduct(left, b.some(at: 5 &* depth &+ k, count: count))
      s6 = s6.addingProduct(left, b.some(at: 6 &* depth &+ k, count: count))
      s7 = s7.addingProduct(left, b.some(at: 7 &* depth &+ k, count: count))
      k &+= 8
    }
    put(s0, row, output)
    put(s1, row, output &+ 1)
    put(s2, row, output &+ 2)
    put(s3, row, output &+ 3)
    put(s4, row, output &+ 4)
    put(s5, row, output &+ 5)
    put(s6, row, output &+ 6)
    put(s7, row, output &+ 7)
  }

  /// Twelve sums in registers: seven loads for twelve multiplications.
  private func fourByThree(_ row: Int, _ output: Int) {
    let a0 = x + row &* depth
    let (a1, a2, a3) = (a0 + depth, a0 + 2 &* depth, a0 + 3 &* depth)
    let b0 = weights + output &* depth
    let (b1, b2) = (b0 + depth, b0 + 2 &* depth)
    var (s00, s01, s02) = (Lanes(), Lanes(), Lanes())
    var (s10, s11, s12) = (Lanes(), Lanes(), Lanes())
    var (s20, s21, s22) = (Lanes(), Lanes(), Lanes())
    var (s30, s31, s32) = (Lanes(), Lanes(), Lanes())
    var k = 0
    while k < depth {
      let count = min(8, depth &- k)
      let (w0, w1, w2) = (
        b0.some(at: k, count: count), b1.some(at: k, count: count), b2.some(at: k, count: count)
      )
      var left = a0.some(at: k, count: count)
      s00 = s00.addingProduct(left, w0)
      s01 = s01.addingProduct(left, w1)
      s02 = s02.addingProduct(left, w2)
      left = a1.some(at: k, count: count)
      s10 = s10.addingProduct(left, w0)
      s11 = s11.addingProduct(left, w1)
      s12 = s12.addingProduct(left, w2)
      left = a2.some(at: k, count: count)
      s20 = s20.addingProduct(left, w0)
      s21 = s21.addingProduct(left, w1)
      s22 = s22.addingProduct(left, w2)
      left = a3.some(at: k, count: count)
      s30 = s30.addingProduct(left, w0)
      s31 = s31.addingProduct(left, w1)
      s32 = s32.addingProduct(left, w2)
      k &+= 8
    }
    put(s00, row, output)
    put(s01, row, output &+ 1)
    put(s02, row, output &+ 2)
    put(s10, row &+ 1, output)
    put(s11, row &+ 1, output &+ 1)
    put(s12, row &+ 1, output &+ 2)
    put(s20, row &+ 2, output)
    put(s21, row &+ 2, output &+ 1)
    put(s22, row &+ 2, output &+ 2)
    put(s30, row &+ 3, output)
    put(s31, row &+ 3, output &+ 1)
    put(s32, row &+ 3, output &+ 2)
  }
}
