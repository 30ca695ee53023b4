import Profiling

extension Compute {
  /// y = x · r · gain with r = 1 / √(mean(x²) + ε), row by row (arXiv:1910.07467).
  ///
  /// x and y are [rows, columns], `gain` [1, columns]; r of each row goes to `inverseRMS`.
  public func rmsNorm(
    _ x: Matrix, gain: Matrix, epsilon: Float, into y: Matrix, inverseRMS: FloatBuffer
  ) {
    y.requireShape(x.rows, x.columns, "the norm's output")
    gain.requireShape(1, x.columns, "the gain")
    precondition(
      inverseRMS.count >= x.rows, "\(inverseRMS.count) inverse roots for \(x.rows) rows")
    let (columns, weights) = (x.columns, gain.pointer)
    let (source, target, roots) = (x.pointer, y.writable, inverseRMS.writable)
    Profiler.measure(.norm, Work(bytes: 8 * Double(x.count))) {
      spreadRows(x.rows, columns: columns) { range in
        squareSums(source + range.lowerBound * columns, range.count, columns) { index, sum in
          let row = range.lowerBound + index
          let (from, to) = (source + row * columns, target + row * columns)
          let mean = Double(sum) / Double(columns)
          let root = Float(1 / (mean + Double(epsilon)).squareRoot())
          roots[row] = root
          for column in 0..<columns { to[column] = from[column] * root * weights[column] }
        }
      }
    }
  }

  /// The way back: with a = dy · gain, dx = r·a − x · r³ · mean(a·x), and dgain = Σ dy · x · r.
  ///
  /// dx is added to what is there unless `accumulating` is false; the gain's gradient is always added.
  public func rmsNormBackward(
    _ dy: Matrix, x: Matrix, gain: Matrix, inverseRMS: FloatBuffer, into dx: Matrix,
    accumulating: Bool = true, gainGradient: Matrix?
  ) {
    dy.requireShape(x.rows, x.columns, "the norm's output gradient")
    dx.requireShape(x.rows, x.columns, "the norm's input gradient")
    gain.requireShape(1, x.columns, "the gain")
    precondition(
      inverseRMS.count >= x.rows, "\(inverseRMS.count) inverse roots for \(x.rows) rows")
    let (columns, weights, roots) = (x.columns, gain.pointer, inverseRMS.pointer)
    let (slopes, source, target) = (dy.pointer, x.pointer, dx.writable)
    let passes: Double = gainGradient == nil ? 4 : 6
    Profiler.measure(.normBackward, Work(bytes: 4 * passes * Double(x.count))) {
      // The gain's gradient first: dx may be written over dy.
      if let gainGradient { self.gainGradient(dy, x, inverseRMS, into: gainGradient) }
      spreadRows(x.rows, columns: columns) { range in
        for row in range {
          let start = row * columns
          let (slope, from, to) = (slopes + start, source + start, target + start)
          let product = weightedDot(slope, weights, from, columns)
          let root = roots[row]
          let pull = Float(
            Double(product) / Double(columns) * Double(root) * Double(root) * Double(root))
          if accumulating {
            for column in 0..<columns {
              to[column] += slope[column] * weights[column] * root - from[column] * pull
            }
          } else {
            for column in 0..<columns {
              to[column] = slope[column] * weights[column] * root - from[column] * pull
            }
          }
        }
      }
    }
  }

  private func gainGradient(
    _ dy: Matrix, _ x: Matrix, _ inverseRMS: FloatBuffer, into gainGradient: Matrix
  ) {
    gainGradient.requireShape(1, x.columns, "the gain gradient")
    let (columns, roots) = (x.columns, inverseRMS.pointer)
    let (slopes, source, target) = (dy.pointer, x.pointer, gainGradient.writable)
    // Strips of 64 columns: a row's part of a strip is whole cache lines, and its sums are registers.
    spreadBlocks(columns, block: 64, work: x.count) { range in
      guard range.count == 64 else {
        for row in 0..<x.rows {
          let place = row &* columns
          for column in range {
            target[column] += slopes[place &+ column] * (source[place &+ column] * roots[row])
          }
        }
        return
      }
      let start = range.lowerBound
      var (a, b, c, d) = (Lanes(), Lanes(), Lanes(), Lanes())
      var (e, f, g, h) = (Lanes(), Lanes(), Lanes(), Lanes())
      for row in 0..<x.rows {
        let place = row &* columns &+ start
        let (slope, from) = (slopes + place, source + place)
        let root = roots[row]
        a = a.addingProduct(slope.lanes(at: 0), from.lanes(at: 0) * root)
        b = b.addingProduct(slope.lanes(at: 8), from.lanes(at: 8) * root)
        c = c.addingProduct(slope.lanes(at: 16), from.lanes(at: 16) * root)
        d = d.addingProduct(slope.lanes(at: 24), from.lanes(at: 24) * root)
        e = e.addingProduct(slope.lanes(at: 32), from.lanes(at: 32) * root)
        f = f.addingProduct(slope.lanes(at: 40), from.lanes(at: 40) * root)
        g = g.addingProduct(slope.lanes(at: 48), from.lanes(at: 48) * root)
        h = h.addingProduct(slope.lanes(at: 56), from.lanes(at: 56) * root)
      }
      for (index, sums) in [a, b, c, d, e, f, g, h].enumerated() {
        let place = start &+ 8 &* index
        target.store(target.lanes(at: place) + sums, at: place)
      }
    }
  }
}

/// Σ x² of every row of [rows, columns], four rows' chains (`dot`) side by side: each waits for itself alone.
@inline(__always) private func squareSums(
  _ x: UnsafePointer<Float>, _ rows: Int, _ columns: Int, _ body: (Int, Float) -> Void
) {
  for start in stride(from: 0, to: rows, by: 4) {
    var sums = SIMD4<Float>()
    if rows &- start >= 4, columns % 8 == 0 {
      sums = fourSquareSums(x + start &* columns, columns)
    } else {
      for row in start..<min(start &+ 4, rows) {
        sums[row &- start] = dot(x + row &* columns, x + row &* columns, columns)
      }
    }
    for row in start..<min(start &+ 4, rows) { body(row, sums[row &- start]) }
  }
}

private func fourSquareSums(_ x: UnsafePointer<Float>, _ columns: Int) -> SIMD4<Float> {
  let (first, second) = (x, x + columns)
  let (third, fourth) = (second + columns, second + 2 &* columns)
  var (a, b, c, d) = (Lanes(), Lanes(), Lanes(), Lanes())
  for index in stride(from: 0, to: columns, by: 8) {
    let (e, f) = (first.lanes(at: index), second.lanes(at: index))
    let (g, h) = (third.lanes(at: index), fourth.lanes(at: index))
    (a, b) = (a.addingProduct(e, e), b.addingProduct(f, f))
    (c, d) = (c.addingProduct(g, g), d.addingProduct(h, h))
  }
  return SIMD4(a.total, b.total, c.total, d.total)
}

/// Σ aᵢbᵢcᵢ.
@inline(__always) private func weightedDot(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafePointer<Float>, _ count: Int
) -> Float {
  var sums = Lanes()
  var index = 0
  while index &+ 8 <= count {
    sums = sums.addingProduct(a.lanes(at: index) * b.lanes(at: index), c.lanes(at: index))
    index &+= 8
  }
  var total = sums.total
  while index < count {
    total += a[index] * b[index] * c[index]
    index &+= 1
  }
  return total
}
