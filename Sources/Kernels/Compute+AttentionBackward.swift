extension Compute {
  /// The way back of `attention`, from its output, its log-sum-exp and the output's gradient.
  ///
  /// Probabilities are computed again, block by block: P = e^(S − logSumExp), dV = Pᵀ·dO,
  /// dS = P ∘ (dO·Vᵀ − Σ dO∘O), dQ = dS·K/√d, dK = dSᵀ·Q/√d (arXiv:2205.14135, algorithm 4). The
  /// gradients of the sequences' rows are overwritten, other rows stay as they are.
  public func attentionBackward(
    outGradient: Matrix, out: Matrix, queries: Matrix, keys: Matrix, values: Matrix,
    logSumExp: FloatBuffer, sequences: [Range<Int>], queryHeads: Int, keyValueHeads: Int,
    queryGradient: Matrix, keyGradient: Matrix, valueGradient: Matrix
  ) {
    let layout = AttentionLayout(
      queries: queries, keys: keys, values: values, sequences: sequences, queryHeads: queryHeads,
      keyValueHeads: keyValueHeads, logSumExp: logSumExp)
    out.requireShape(queries.rows, queries.columns, "attention's output")
    outGradient.requireShape(queries.rows, queries.columns, "its gradient")
    queryGradient.requireShape(queries.rows, queries.columns, "the queries' gradient")
    keyGradient.requireShape(keys.rows, keys.columns, "the keys' gradient")
    valueGradient.requireShape(keys.rows, keys.columns, "the values' gradient")
    let gradients = AttentionGradients(
      out: out.pointer, outGradient: outGradient.pointer, logSumExp: logSumExp.pointer,
      queries: queryGradient.writable, keys: keyGradient.writable, values: valueGradient.writable)
    spread(sequences.count * keyValueHeads, work: 2 * layout.work) { index in
      let sequence = sequences[index / keyValueHeads]
      let heads = layout.queryHeads(of: index % keyValueHeads)
      for row in sequence {
        let place = layout.keyPlace(row, heads.lowerBound)
        (gradients.keys + place).clear(layout.dimension)
        (gradients.values + place).clear(layout.dimension)
      }
      let count = 2 * AttentionLayout.blockCount + AttentionLayout.queryBlock
      engine.scratch.borrow(count) { room in
        for head in heads { layout.backward(sequence, head, gradients, room) }
      }
    }
  }
}

struct AttentionGradients {
  let out: UnsafePointer<Float>
  let outGradient: UnsafePointer<Float>
  let logSumExp: UnsafePointer<Float>
  let queries: UnsafeMutablePointer<Float>
  let keys: UnsafeMutablePointer<Float>
  let values: UnsafeMutablePointer<Float>
}

extension AttentionLayout {
  /// One head of one sequence; keys' and values' gradients are added to.
  func backward(
    _ sequence: Range<Int>, _ head: Int, _ gradients: AttentionGradients,
    _ room: UnsafeMutablePointer<Float>
  ) {
    let scores = room
    let slopes = room + AttentionLayout.blockCount
    let pulls = slopes + AttentionLayout.blockCount
    for rows in AttentionLayout.blocks(sequence, AttentionLayout.queryBlock) {
      for row in rows {
        let place = queryPlace(row, head)
        pulls[row - rows.lowerBound] = dot(
          gradients.outGradient + place, gradients.out + place, dimension)
      }
      let seen = sequence.lowerBound..<rows.upperBound
      for columns in AttentionLayout.blocks(seen, AttentionLayout.keyBlock) {
        score(rows, columns, head, into: scores)
        outProduct(rows, columns, head, gradients.outGradient, into: slopes)
        for row in rows {
          let place = row - rows.lowerBound
          let valid = max(0, min(columns.count, row - columns.lowerBound + 1))
          let line = scores + place * columns.count
          let slope = slopes + place * columns.count
          _ = exponentiate(line, valid, shift: gradients.logSumExp[row * heads + head])
          (line + valid).clear(columns.count - valid)
          (slope + valid).clear(columns.count - valid)
          let pull = pulls[place]
          for column in 0..<valid {
            slope[column] = line[column] * (slope[column] - pull) * scale
          }
        }
        spreadBack(rows, columns, head, gradients, scores, slopes, sequence)
      }
    }
  }

  /// dP [rows, columns] = dO·Vᵀ.
  private func outProduct(
    _ rows: Range<Int>, _ columns: Range<Int>, _ head: Int,
    _ outGradient: UnsafePointer<Float>, into slopes: UnsafeMutablePointer<Float>
  ) {
    Product(
      rows: rows.count, columns: columns.count, depth: dimension,
      left: outGradient + queryPlace(rows.lowerBound, head), leftStride: queryStride,
      leftTransposed: false, right: values + keyPlace(columns.lowerBound, head),
      rightStride: keyStride, rightTransposed: true, result: slopes, resultStride: columns.count
    ).multiply()
  }

  /// dV += Pᵀ·dO, dK += dSᵀ·Q and dQ (+)= dS·K.
  private func spreadBack(
    _ rows: Range<Int>, _ columns: Range<Int>, _ head: Int, _ gradients: AttentionGradients,
    _ scores: UnsafeMutablePointer<Float>, _ slopes: UnsafeMutablePointer<Float>,
    _ sequence: Range<Int>
  ) {
    let (queryStart, keyStart) = (
      queryPlace(rows.lowerBound, head), keyPlace(columns.lowerBound, head)
    )
    func addTransposed(
      _ block: UnsafeMutablePointer<Float>, _ right: UnsafePointer<Float>,
      to result: UnsafeMutablePointer<Float>
    ) {
      Product(
        rows: columns.count, columns: dimension, depth: rows.count, left: block,
        leftStride: columns.count, leftTransposed: true, right: right + queryStart,
        rightStride: queryStride, rightTransposed: false, result: result + keyStart,
        resultStride: keyStride, accumulating: true
      ).multiply()
    }
    addTransposed(scores, gradients.outGradient, to: gradients.values)
    addTransposed(slopes, queries, to: gradients.keys)
    Product(
      rows: rows.count, columns: dimension, depth: columns.count, left: slopes,
      leftStride: columns.count, leftTransposed: false, right: keys + keyStart,
      rightStride: keyStride, rightTransposed: false, result: gradients.queries + queryStart,
      resultStride: queryStride, accumulating: columns.lowerBound != sequence.lowerBound
    ).multiply()
  }
}
