import Glibc
import Profiling

extension Compute {
  /// y += x.
  public func add(_ x: Matrix, to y: Matrix) { addScaled(x, by: 1, to: y) }

  /// y += factor · x.
  public func addScaled(_ x: Matrix, by factor: Float, to y: Matrix) {
    x.requireShape(y.rows, y.columns, "the summand")
    let (source, target) = (x.pointer, y.writable)
    Profiler.measure(.sums, Work(bytes: 12 * Double(x.count))) {
      spreadVector(x.count) { range in
        for index in range { target[index] += factor * source[index] }
      }
    }
  }

  /// x *= factor.
  public func scale(_ x: Matrix, by factor: Float) {
    let target = x.writable
    spreadVector(x.count) { range in for index in range { target[index] *= factor } }
  }

  /// Every row of x [rows, columns] times its factor.
  public func scaleRows(_ x: Matrix, by factors: [Float]) {
    precondition(factors.count == x.rows, "\(factors.count) factors for \(x.rows) rows")
    let (target, columns) = (x.writable, x.columns)
    spreadRows(x.rows, columns: columns) { range in
      for row in range {
        let (place, factor) = (target + row * columns, factors[row])
        for column in 0..<columns { place[column] *= factor }
      }
    }
  }

  public func zero(_ x: Matrix) {
    let target = x.writable
    Profiler.measure(.sums, Work(bytes: 4 * Double(x.count))) {
      spreadVector(x.count) { range in (target + range.lowerBound).clear(range.count) }
    }
  }

  public func copy(_ x: Matrix, to y: Matrix) {
    x.requireShape(y.rows, y.columns, "what is copied")
    let (source, target) = (x.pointer, y.writable)
    Profiler.measure(.sums, Work(bytes: 8 * Double(x.count))) {
      spreadVector(x.count) { range in
        memmove(target + range.lowerBound, source + range.lowerBound, range.count * 4)
      }
    }
  }

  /// Adds the bias [1, columns] to every row.
  public func addBias(_ bias: Matrix, to y: Matrix) {
    bias.requireShape(1, y.columns, "the bias")
    let (source, target, columns) = (bias.pointer, y.writable, y.columns)
    spreadRows(y.rows, columns: columns) { range in
      for row in range {
        let place = target + row * columns
        for column in 0..<columns { place[column] += source[column] }
      }
    }
  }

  /// Adds the sum of the rows of `dy` to `bias` [1, columns].
  public func biasGradient(_ dy: Matrix, into bias: Matrix) {
    bias.requireShape(1, dy.columns, "the bias gradient")
    let (source, target, columns) = (dy.pointer, bias.writable, dy.columns)
    spreadBlocks(columns, block: 64, work: dy.count) { range in
      var column = range.lowerBound
      while column < range.upperBound {
        let lanes = min(8, range.upperBound - column)
        var sums = Lanes()
        for row in 0..<dy.rows {
          let place = source + row &* columns
          sums += lanes == 8 ? place.lanes(at: column) : place.lanes(at: column, count: lanes)
        }
        for lane in 0..<lanes { target[column + lane] += sums[lane] }
        column += lanes
      }
    }
  }
}
