import Profiling

extension Compute {
  /// The way back of `attention`, from its output, its log-sum-exp and the output's gradient.
  ///
  /// Probabilities are computed again, chunk by chunk: P = e^(S − logSumExp), dV = Pᵀ·dO,
  /// dS = P ∘ (dO·Vᵀ − Σ dO∘O), dQ = dS·K/√d, dK = dSᵀ·Q/√d (arXiv:2205.14135, algorithm 4). The
  /// gradients of the spans' rows are overwritten. A row that several spans see is given what each
  /// makes of it, in the spans' order.
  public func attentionBackward(
    outGradient: Matrix, out: Matrix, queries: Matrix, keys: Matrix, values: Matrix,
    logSumExp: FloatBuffer, spans: [AttentionSpan], queryHeads: Int, keyValueHeads: Int,
    queryGradient: Matrix, keyGradient: Matrix, valueGradient: Matrix
  ) {
    let operands = AttentionOperands(
      queries: queries, keys: keys, values: values, spans: spans, queryHeads: queryHeads,
      keyValueHeads: keyValueHeads, logSumExp: logSumExp)
    out.requireShape(queries.rows, queries.columns, "attention's output")
    outGradient.requireShape(queries.rows, queries.columns, "its gradient")
    queryGradient.requireShape(queries.rows, queries.columns, "the queries' gradient")
    keyGradient.requireShape(keys.rows, keys.columns, "the keys' gradient")
    valueGradient.requireShape(keys.rows, keys.columns, "the values' gradient")
    let slopes = AttentionSlopes(
      out: out.pointer, outGradient: outGradient.pointer, logSumExp: logSumExp.pointer,
      queries: queryGradient.writable)
    let layout = operands.layout
    let size = 2 * layout.acrossCount + layout.alongCount
    let chunks = operands.chunkPlaces(size: size)
    let shares = operands.sharePlaces
    // Five products, where forward has two.
    Profiler.measure(.attentionBackward, Work(operations: 2.5 * operands.operations)) {
      engine.scratch.borrow(chunks.count + shares.count) { room in
        let share = room + chunks.count
        spread(spans.count * keyValueHeads, work: keys.count) { index in
          let first = room + chunks.starts[index]
          operands.forEachPosition(index) { key, value, chunk, place in
            let chunk = first + chunk * size
            layout.putAcross(key, place, into: chunk)
            layout.putAcross(value, place, into: chunk + layout.acrossCount)
            layout.putAlong(key, place, into: chunk + 2 * layout.acrossCount)
          }
        }
        spread(spans.count * queryHeads, work: 2 * operands.work) { index in
          let (span, head) = (index / queryHeads, index % queryHeads)
          let start = UnsafePointer(
            room + chunks.starts[span * keyValueHeads + head / operands.group])
          engine.scratch.borrow(AttentionRows.backwardRoomCount(layout)) { room in
            operands.backward(
              span, head, slopes, chunk: { start + $0 * size }, share: share + shares.starts[index],
              room)
          }
        }
        spread(keyValueHeads, work: shares.count) { head in
          operands.gather(
            head, UnsafePointer(share), shares.starts, keys: keyGradient.writable,
            values: valueGradient.writable)
        }
      }
    }
  }
}

/// What a backward pass reads beside the operands, and where the queries' gradient goes.
struct AttentionSlopes {
  let out: UnsafePointer<Float>
  let outGradient: UnsafePointer<Float>
  let logSumExp: UnsafePointer<Float>
  let queries: UnsafeMutablePointer<Float>
}

extension AttentionOperands {
  /// Where each span's and query head's share of the keys' and values' gradients starts: two
  /// [length, padded dimension] one behind the other.
  var sharePlaces: (starts: [Int], count: Int) {
    var (starts, count) = ([Int](), 0)
    for span in spans {
      for _ in 0..<queryHeads {
        starts.append(count)
        count += 2 * span.length * layout.paddedDimension
      }
    }
    return (starts, count)
  }

  /// One head of one span.
  func backward(
    _ index: Int, _ head: Int, _ slopes: AttentionSlopes, chunk: (Int) -> UnsafePointer<Float>,
    share: UnsafeMutablePointer<Float>, _ room: UnsafeMutablePointer<Float>
  ) {
    let span = spans[index]
    let shareCount = span.length * layout.paddedDimension
    share.clear(2 * shareCount)
    for range in blocks(index) {
      let place = queryPlace(range.lowerBound, head)
      rows(RowTask(span: index, head: head, rows: range)).backward(
        chunk: chunk, out: slopes.out + place, outGradient: slopes.outGradient + place,
        logSumExp: slopes.logSumExp + (range.lowerBound * queryHeads + head),
        sumStride: queryHeads,
        queryGradient: slopes.queries + place, keyShare: share, valueShare: share + shareCount,
        room)
    }
  }

  /// Adds the shares in the order of the spans and, within one, of the heads.
  func gather(
    _ head: Int, _ shares: UnsafePointer<Float>, _ starts: [Int],
    keys: UnsafeMutablePointer<Float>, values: UnsafeMutablePointer<Float>
  ) {
    let width = layout.paddedDimension
    func place(_ row: Int) -> Int { row * keyStride + head * layout.dimension }
    for row in spans.flatMap({ [$0.prefix, $0.own] }).joined() {
      (keys + place(row)).clear(layout.dimension)
      (values + place(row)).clear(layout.dimension)
    }
    for (index, span) in spans.enumerated() {
      for query in head * group..<(head + 1) * group {
        let share = shares + starts[index * queryHeads + query]
        for position in 0..<span.length {
          let target = place(span.row(position))
          let (key, value) = (share + position * width, share + (span.length + position) * width)
          for column in 0..<layout.dimension {
            keys[target + column] += key[column]
            values[target + column] += value[column]
          }
        }
      }
    }
  }
}
