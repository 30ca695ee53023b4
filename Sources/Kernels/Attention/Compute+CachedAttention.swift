import Profiling

extension Compute {
  /// Adds to each cache its rows of keys and values [rows, width], behind those that are there.
  ///
  /// A cache's last page must be its own: of two caches of one prompt, one is a fork.
  public func append(
    keys: Matrix, values: Matrix, to caches: [(cache: KeyValueCache, rows: Range<Int>)]
  ) {
    values.requireShape(keys.rows, keys.columns, "the new values")
    for (cache, rows) in caches {
      precondition(
        cache.width == keys.columns && rows.upperBound <= keys.rows,
        "the rows \(rows) of \(keys.rows) · \(keys.columns) for a cache of \(cache.width)")
    }
    let firsts = caches.map { $0.cache.grow(by: $0.rows.count) }
    spread(caches.count, work: 4 * keys.count) { index in
      let (cache, rows) = caches[index]
      for (position, row) in zip(firsts[index]..., rows) {
        for head in 0..<cache.heads {
          let start = row * keys.columns + head * cache.layout.dimension
          cache.put(position, head, key: keys.pointer + start, value: values.pointer + start)
        }
      }
    }
  }

  /// Attention of new rows to their sequences' caches, which have those rows already.
  ///
  /// Queries and `out` are [rows, queryHeads · d]; each cache's new rows are `rows`, the last of them at
  /// the cache's last position. `logSumExp` gets [rows, queryHeads]. A row has the bits that `attention` gives it.
  public func attention(
    queries: Matrix, caches: [(cache: KeyValueCache, rows: Range<Int>)], queryHeads: Int,
    into out: Matrix, logSumExp: FloatBuffer
  ) {
    precondition(
      queryHeads > 0 && queries.columns % queryHeads == 0,
      "\(queryHeads) heads do not divide \(queries.columns) columns")
    out.requireShape(queries.rows, queries.columns, "attention's output")
    precondition(
      logSumExp.count >= queries.rows * queryHeads,
      "\(logSumExp.count) sums for \(queries.rows) rows of \(queryHeads) heads")
    let dimension = queries.columns / queryHeads
    let layout = KeyValueLayout(dimension: dimension)
    var tasks: [CachedRows] = []
    var work = 0
    for (cache, rows) in caches {
      precondition(
        cache.layout.dimension == dimension && queryHeads % cache.heads == 0,
        "a cache of \(cache.heads) heads of \(cache.layout.dimension) for \(queryHeads) of \(dimension)"
      )
      precondition(
        rows.upperBound <= queries.rows && rows.count <= cache.count,
        "the rows \(rows) of \(queries.rows) with a cache of \(cache.count)")
      tasks += CachedRows.tasks(cache, rows, queryHeads, queries.columns)
      // As much again as the products: with so few rows the softmax takes its time.
      work += rows.count * cache.count * queries.columns / 2
    }
    let (source, target, sums) = (queries.pointer, out.writable, logSumExp.writable)
    Profiler.measure(.cachedAttention, Work(operations: 8 * Double(work))) {
      spread(tasks.count, work: work) { index in
        let task = tasks[index]
        engine.scratch.borrow(AttentionRows.roomCount(layout)) { room in
          AttentionRows(
            layout: layout, queries: source + task.place, queryStride: task.stride,
            count: task.count, firstPosition: task.firstPosition, positionStep: task.positionStep
          ).forward(
            keys: { task.cache.keys($0, task.head) },
            values: { chunk, room in
              task.cache.gatherValues(chunk, task.head, into: room)
              return UnsafePointer(room)
            },
            into: target + task.place, outStride: task.stride,
            // A row's sums lie as its heads do.
            logSumExp: sums + task.place / dimension, sumStride: task.stride / dimension,
            room: room)
        }
      }
    }
  }
}

/// Some rows of a cache that one thread does at a time.
private struct CachedRows {
  let cache: KeyValueCache
  let head: Int
  /// Where the first row's numbers are, how far the next one's, and how many rows there are.
  let place: Int
  let stride: Int
  let count: Int
  let firstPosition: Int
  let positionStep: Int

  /// One token's heads that read the same keys are rows of one task; longer pieces go head by head.
  static func tasks(
    _ cache: KeyValueCache, _ rows: Range<Int>, _ queryHeads: Int, _ columns: Int
  ) -> [CachedRows] {
    let (group, dimension) = (queryHeads / cache.heads, cache.layout.dimension)
    if rows.count == 1, group <= AttentionRows.block {
      return (0..<cache.heads).map { head in
        CachedRows(
          cache: cache, head: head,
          place: rows.lowerBound * columns + head * group * dimension, stride: dimension,
          count: group, firstPosition: cache.count - 1, positionStep: 0)
      }
    }
    return Swift.stride(from: 0, to: rows.count, by: AttentionRows.block).flatMap { start in
      (0..<queryHeads).map { head in
        CachedRows(
          cache: cache, head: head / group,
          place: (rows.lowerBound + start) * columns + head * dimension, stride: columns,
          count: min(AttentionRows.block, rows.count - start),
          firstPosition: cache.count - rows.count + start, positionStep: 1)
      }
    }
  }
}
