import Profiling

extension Compute {
  /// Causal attention of each span's own rows to what they see, softmax(QKᵀ / √d) · V, without a
  /// [tokens, tokens] matrix.
  ///
  /// Queries and `out` are [asking rows, queryHeads · d], keys and values [rows, keyValueHeads · d]; query head
  /// h reads key head h / (queryHeads / keyValueHeads). `logSumExp` gets [asking rows, queryHeads]. A row's
  /// bits depend on what it sees alone.
  public func attention(
    queries: Matrix, keys: Matrix, values: Matrix, spans: [AttentionSpan], queryHeads: Int,
    keyValueHeads: Int, into out: Matrix, logSumExp: FloatBuffer
  ) {
    let operands = AttentionOperands(
      queries: queries, keys: keys, values: values, spans: spans, queryHeads: queryHeads,
      keyValueHeads: keyValueHeads, logSumExp: logSumExp)
    out.requireShape(queries.rows, queries.columns, "attention's output")
    let (target, sums) = (out.writable, logSumExp.writable)
    let layout = operands.layout
    let size = layout.acrossCount + layout.alongCount
    let chunks = operands.chunkPlaces(size: size)
    let panels = KeyValueLayout.chunk / 16
    Profiler.measure(.attention, Work(operations: operands.operations)) {
      engine.scratch.borrow(chunks.count) { room in
        spread(spans.count * keyValueHeads, work: keys.count) { index in
          let first = room + chunks.starts[index]
          operands.forEachPosition(index) { key, value, chunk, place in
            let chunk = first + chunk * size
            layout.putAcross(key, place, into: chunk)
            layout.putAlong(value, place, into: chunk + layout.acrossCount)
          }
        }
        let tasks = operands.rowTasks
        spread(tasks.count, work: operands.work) { index in
          let task = tasks[index]
          let head = task.head / operands.group
          let start = UnsafePointer(
            room + chunks.starts[task.span * keyValueHeads + head])
          let place = operands.queryPlace(task.rows.lowerBound, task.head)
          engine.scratch.borrow(AttentionRows.roomCount(layout)) { room in
            operands.rows(task).forward(
              keys: { start + ($0 / panels * size + $0 % panels * layout.panelCount) },
              values: { chunk, _ in start + (chunk * size + layout.acrossCount) },
              into: target + place, outStride: operands.queryStride,
              logSumExp: sums + (task.rows.lowerBound * queryHeads + task.head),
              sumStride: queryHeads, room: room)
          }
        }
      }
    }
  }
}

/// Where attention's operands lie; the pointers are good during one call.
struct AttentionOperands {
  /// Some rows of one head of one span: what one thread does at a time.
  struct RowTask {
    let span: Int
    let head: Int
    let rows: Range<Int>
  }

  let layout: KeyValueLayout
  let queries: UnsafePointer<Float>
  let keys: UnsafePointer<Float>
  let values: UnsafePointer<Float>
  let spans: [AttentionSpan]
  let queryStride: Int
  let keyStride: Int
  let queryHeads: Int
  let keyValueHeads: Int
  /// How many query heads read one key head.
  let group: Int
  /// Multiplications divided by eight.
  let work: Int

  init(
    queries: Matrix, keys: Matrix, values: Matrix, spans: [AttentionSpan], queryHeads: Int,
    keyValueHeads: Int, logSumExp: FloatBuffer
  ) {
    precondition(
      queryHeads > 0 && keyValueHeads > 0 && queryHeads % keyValueHeads == 0
        && queries.columns % queryHeads == 0,
      "\(queryHeads) and \(keyValueHeads) heads do not divide \(queries.columns) columns")
    let dimension = queries.columns / queryHeads
    keys.requireShape(keys.rows, keyValueHeads * dimension, "the keys")
    values.requireShape(keys.rows, keyValueHeads * dimension, "the values")
    for span in spans {
      for (range, rows) in [
        (span.prefix, keys.rows), (span.own, keys.rows), (span.queries, queries.rows),
      ] {
        precondition(
          range.lowerBound >= 0 && range.upperBound <= rows,
          "the rows \(range) are not within \(rows) rows")
      }
      precondition(
        span.queries.count <= span.own.count,
        "\(span.queries.count) queries of \(span.own.count) rows")
    }
    precondition(
      logSumExp.count >= queries.rows * queryHeads,
      "\(logSumExp.count) sums for \(queries.rows) rows of \(queryHeads) heads")
    layout = KeyValueLayout(dimension: dimension)
    (self.queries, self.keys, self.values) = (queries.pointer, keys.pointer, values.pointer)
    (queryStride, keyStride) = (queries.columns, keys.columns)
    (self.spans, self.queryHeads, self.keyValueHeads) = (spans, queryHeads, keyValueHeads)
    group = queryHeads / keyValueHeads
    work = spans.reduce(0) { $0 + $1.queries.count * $1.length } * queries.columns / 8
  }

  /// Of both products of the pass forward: a row sees what is before it and itself.
  var operations: Double {
    spans.reduce(0) { sum, span in
      let (asking, before) = (
        Double(span.queries.count), Double(span.position(ofQuery: span.queries.lowerBound))
      )
      return sum + 4 * Double(queryStride) * asking * (before + (asking + 1) / 2)
    }
  }

  /// Where a head's numbers start in a row of queries.
  func queryPlace(_ row: Int, _ head: Int) -> Int { row * queryStride + head * layout.dimension }

  /// Where the chunks of each span and key head start in room for all of them.
  func chunkPlaces(size: Int) -> (starts: [Int], count: Int) {
    var (starts, count) = ([Int](), 0)
    for span in spans {
      let chunks = (span.length + KeyValueLayout.chunk - 1) / KeyValueLayout.chunk
      for _ in 0..<keyValueHeads {
        starts.append(count)
        count += chunks * size
      }
    }
    return (starts, count)
  }

  /// Every position of a span and key head: its key, its value, its chunk and its place there.
  func forEachPosition(
    _ index: Int,
    _ body: (
      _ key: UnsafePointer<Float>, _ value: UnsafePointer<Float>, _ chunk: Int, _ place: Int
    ) -> Void
  ) {
    let (span, head) = (spans[index / keyValueHeads], index % keyValueHeads)
    for position in 0..<span.length {
      let start = span.row(position) * keyStride + head * layout.dimension
      body(
        keys + start, values + start, position / KeyValueLayout.chunk,
        position % KeyValueLayout.chunk)
    }
  }

  var rowTasks: [RowTask] {
    spans.indices.flatMap { span in
      blocks(span).flatMap { rows in
        (0..<queryHeads).map { head in RowTask(span: span, head: head, rows: rows) }
      }
    }
  }

  /// A span's rows of queries, some at a time.
  func blocks(_ span: Int) -> [Range<Int>] {
    let rows = spans[span].queries
    return stride(from: rows.lowerBound, to: rows.upperBound, by: AttentionRows.block).map {
      $0..<min($0 + AttentionRows.block, rows.upperBound)
    }
  }

  func rows(_ task: RowTask) -> AttentionRows {
    let span = spans[task.span]
    return AttentionRows(
      layout: layout, queries: queries + queryPlace(task.rows.lowerBound, task.head),
      queryStride: queryStride, count: task.rows.count,
      firstPosition: span.position(ofQuery: task.rows.lowerBound),
      positionStep: 1)
  }
}
