import Glibc
import Profiling

extension Compute {
  /// The rows of `table` [vocabulary, columns] that `ids` name; a negative id gives zeros.
  public func gather(_ table: WeightMatrix, ids: [Int32], into y: Matrix) {
    y.requireShape(ids.count, table.columns, "what is gathered")
    let (target, columns) = (y.writable, table.columns)
    for id in ids { precondition(id < table.rows, "no row \(id) in a table of \(table.rows)") }
    spreadRows(ids.count, columns: columns) { range in
      for row in range {
        let place = target + row * columns
        guard ids[row] >= 0 else {
          place.clear(columns)
          continue
        }
        let start = Int(ids[row]) * columns
        switch table {
        case .float32(let matrix): memcpy(place, matrix.pointer + start, columns * 4)
        case .bfloat16(let matrix):
          let source = matrix.pointer + start
          for index in 0..<columns {
            place[index] = HalfPrecision.float(brainFloat: source[index])
          }
        }
      }
    }
  }

  /// The way back of `gather`: adds each row of `dy` to the row of `table` it came from.
  ///
  /// Threads share the columns, so that every sum is in the order of the rows.
  public func scatterAdd(_ dy: Matrix, ids: [Int32], into table: Matrix) {
    dy.requireShape(ids.count, table.columns, "the gradient")
    for id in ids { precondition(id < table.rows, "no row \(id) in a table of \(table.rows)") }
    addRows(dy, rows: ids.map(Int.init), into: table)
  }

  /// The rows of `x` at the places `rows`.
  public func gatherRows(_ x: Matrix, rows: [Int], into y: Matrix) {
    y.requireShape(rows.count, x.columns, "what is gathered")
    let (source, target, columns) = (x.pointer, y.writable, x.columns)
    for row in rows { precondition(row >= 0 && row < x.rows, "no row \(row) of \(x.rows)") }
    spreadRows(rows.count, columns: columns) { range in
      for row in range {
        memcpy(target + row * columns, source + rows[row] * columns, columns * 4)
      }
    }
  }

  /// Rows of several matrices of one width: row i of `y` is row `rows[i].row` of `matrices[rows[i].matrix]`.
  public func gatherRows(
    of matrices: [Matrix], _ rows: [(matrix: Int, row: Int)], into y: Matrix
  ) {
    y.requireShape(rows.count, y.columns, "what is gathered")
    let (target, columns) = (y.writable, y.columns)
    for (matrix, row) in rows {
      let source = matrices[matrix]
      precondition(
        source.columns == columns && row >= 0 && row < source.rows,
        "no row \(row) of \(columns) numbers in \(source.shape)")
    }
    spreadRows(rows.count, columns: columns) { range in
      for index in range {
        let (matrix, row) = rows[index]
        memcpy(target + index * columns, matrices[matrix].pointer + row * columns, columns * 4)
      }
    }
  }

  /// The way back of `gatherRows`: adds row i of `x` to row `rows[i]` of `y`.
  public func scatterRows(adding x: Matrix, rows: [Int], into y: Matrix) {
    x.requireShape(rows.count, y.columns, "what is scattered")
    for row in rows { precondition(row >= 0 && row < y.rows, "no row \(row) of \(y.rows)") }
    addRows(x, rows: rows, into: y)
  }

  private func addRows(_ x: Matrix, rows: [Int], into y: Matrix) {
    let (source, target, columns) = (x.pointer, y.writable, x.columns)
    spreadBlocks(columns, block: 128, work: x.count) { range in
      for (index, row) in rows.enumerated() where row >= 0 {
        let (from, to) = (source + index * columns, target + row * columns)
        for column in range { to[column] += from[column] }
      }
    }
  }

  /// Copies `count` columns of `x`, from column `at`, to columns of `y` from `place`.
  public func copyColumns(
    from x: Matrix, at start: Int, to y: Matrix, at place: Int, count: Int
  ) {
    precondition(x.rows == y.rows, "\(x.rows) rows cannot be copied to \(y.rows)")
    precondition(
      start >= 0 && place >= 0 && count >= 0 && start + count <= x.columns
        && place + count <= y.columns,
      "\(count) columns from \(start) of \(x.columns) do not fit at \(place) of \(y.columns)")
    let (source, target) = (x.pointer, y.writable)
    spreadRows(x.rows, columns: count) { range in
      for row in range {
        memmove(target + row * y.columns + place, source + row * x.columns + start, count * 4)
      }
    }
  }
}
