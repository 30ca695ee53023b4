extension Compute {
  /// Causal attention of each sequence to itself, softmax(QKᵀ / √d) · V, without a [tokens, tokens]
  /// matrix (online softmax over blocks of keys, arXiv:2205.14135).
  ///
  /// Queries and `out` are [rows, queryHeads · d], keys and values [rows, keyValueHeads · d]; query head
  /// h reads key head h / (queryHeads / keyValueHeads). `logSumExp` gets [rows, queryHeads]. Rows outside
  /// the sequences are neither read nor written. A block's shape depends on its sequence alone, so the
  /// bits do not depend on the place in the batch.
  public func attention(
    queries: Matrix, keys: Matrix, values: Matrix, sequences: [Range<Int>], queryHeads: Int,
    keyValueHeads: Int, into out: Matrix, logSumExp: FloatBuffer
  ) {
    let layout = AttentionLayout(
      queries: queries, keys: keys, values: values, sequences: sequences, queryHeads: queryHeads,
      keyValueHeads: keyValueHeads, logSumExp: logSumExp)
    out.requireShape(queries.rows, queries.columns, "attention's output")
    let (target, sums) = (out.writable, logSumExp.writable)
    spread(sequences.count * keyValueHeads, work: layout.work) { index in
      let sequence = sequences[index / keyValueHeads]
      engine.scratch.borrow(AttentionLayout.blockCount + 2 * AttentionLayout.queryBlock) { room in
        for head in layout.queryHeads(of: index % keyValueHeads) {
          layout.forward(sequence, head, into: target, sums, room)
        }
      }
    }
  }
}

/// Where attention's operands lie; the pointers are good during one call.
struct AttentionLayout {
  /// A block of scores [queryBlock, keyBlock] stays in the second-level cache.
  static let queryBlock = 128
  static let keyBlock = 256
  static let blockCount = queryBlock * keyBlock

  let queries: UnsafePointer<Float>
  let keys: UnsafePointer<Float>
  let values: UnsafePointer<Float>
  let queryStride: Int
  let keyStride: Int
  let heads: Int
  let group: Int
  let dimension: Int
  let scale: Float
  /// Multiplications divided by eight.
  let work: Int

  init(
    queries: Matrix, keys: Matrix, values: Matrix, sequences: [Range<Int>], queryHeads: Int,
    keyValueHeads: Int, logSumExp: FloatBuffer
  ) {
    precondition(
      queryHeads > 0 && keyValueHeads > 0 && queryHeads % keyValueHeads == 0
        && queries.columns % queryHeads == 0,
      "\(queryHeads) and \(keyValueHeads) heads do not divide \(queries.columns) columns")
    dimension = queries.columns / queryHeads
    keys.requireShape(queries.rows, keyValueHeads * dimension, "the keys")
    values.requireShape(queries.rows, keyValueHeads * dimension, "the values")
    for sequence in sequences {
      precondition(
        sequence.lowerBound >= 0 && sequence.upperBound <= queries.rows,
        "the sequence \(sequence) is not within \(queries.rows) rows")
    }
    precondition(
      logSumExp.count >= queries.rows * queryHeads,
      "\(logSumExp.count) sums for \(queries.rows) rows of \(queryHeads) heads")
    (self.queries, self.keys, self.values) = (queries.pointer, keys.pointer, values.pointer)
    (queryStride, keyStride) = (queries.columns, keys.columns)
    heads = queryHeads
    group = queryHeads / keyValueHeads
    scale = 1 / Float(dimension).squareRoot()
    work = sequences.reduce(0) { $0 + $1.count * $1.count } * queries.columns / 8
  }

  func queryHeads(of keyValueHead: Int) -> Range<Int> {
    keyValueHead * group..<(keyValueHead + 1) * group
  }

  /// Where a head's numbers start in a row of queries, or of keys.
  func queryPlace(_ row: Int, _ head: Int) -> Int { row * queryStride + head * dimension }
  func keyPlace(_ row: Int, _ head: Int) -> Int { row * keyStride + head / group * dimension }

  /// Blocks of rows of a sequence.
  static func blocks(_ range: Range<Int>, _ size: Int) -> [Range<Int>] {
    stride(from: range.lowerBound, to: range.upperBound, by: size).map {
      $0..<min($0 + size, range.upperBound)
    }
  }

  /// scores [rows, columns] = QKᵀ / √d.
  func score(
    _ rows: Range<Int>, _ columns: Range<Int>, _ head: Int,
    into scores: UnsafeMutablePointer<Float>
  ) {
    Product(
      rows: rows.count, columns: columns.count, depth: dimension,
      left: queries + queryPlace(rows.lowerBound, head), leftStride: queryStride,
      leftTransposed: false, right: keys + keyPlace(columns.lowerBound, head),
      rightStride: keyStride, rightTransposed: true, result: scores, resultStride: columns.count,
      scale: scale
    ).multiply()
  }

  /// One head of one sequence.
  func forward(
    _ sequence: Range<Int>, _ head: Int, into out: UnsafeMutablePointer<Float>,
    _ logSumExp: UnsafeMutablePointer<Float>, _ room: UnsafeMutablePointer<Float>
  ) {
    let scores = room
    let largest = room + AttentionLayout.blockCount
    let sums = largest + AttentionLayout.queryBlock
    for rows in AttentionLayout.blocks(sequence, AttentionLayout.queryBlock) {
      let seen = sequence.lowerBound..<rows.upperBound
      for columns in AttentionLayout.blocks(seen, AttentionLayout.keyBlock) {
        let isFirst = columns.lowerBound == sequence.lowerBound
        score(rows, columns, head, into: scores)
        for row in rows {
          let place = row - rows.lowerBound
          let line = scores + place * columns.count
          let valid = max(0, min(columns.count, row - columns.lowerBound + 1))
          let previous = isFirst ? -Float.infinity : largest[place]
          let peak = max(previous, maximum(line, valid))
          let sum = exponentiate(line, valid, shift: peak)
          (line + valid).clear(columns.count - valid)
          largest[place] = peak
          if isFirst {
            sums[place] = sum
          } else if peak == previous {
            sums[place] += sum
          } else {
            let shrink = exponential(Lanes(repeating: previous - peak))[0]
            sums[place] = sums[place] * shrink + sum
            multiply(out + queryPlace(row, head), by: shrink)
          }
        }
        Product(
          rows: rows.count, columns: dimension, depth: columns.count, left: scores,
          leftStride: columns.count, leftTransposed: false,
          right: values + keyPlace(columns.lowerBound, head), rightStride: keyStride,
          rightTransposed: false, result: out + queryPlace(rows.lowerBound, head),
          resultStride: queryStride, accumulating: !isFirst
        ).multiply()
      }
      for row in rows {
        let place = row - rows.lowerBound
        multiply(out + queryPlace(row, head), by: 1 / sums[place])
        logSumExp[row * heads + head] = largest[place] + logarithm(sums[place])
      }
    }
  }

  private func multiply(_ line: UnsafeMutablePointer<Float>, by factor: Float) {
    for index in 0..<dimension { line[index] *= factor }
  }
}
