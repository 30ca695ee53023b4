extension Compute {
  /// Attention of one new query a sequence to its own cache: queries and `out` are
  /// [caches, queryHeads · d].
  ///
  /// A row reads its cache alone, in one order, so its bits do not depend on the other rows.
  public func decodeAttention(
    queries: Matrix, caches: [KeyValueCache], queryHeads: Int, keyValueHeads: Int,
    into out: Matrix
  ) {
    precondition(caches.count == queries.rows, "\(caches.count) caches for \(queries.rows) rows")
    precondition(
      queryHeads > 0 && keyValueHeads > 0 && queryHeads % keyValueHeads == 0
        && queries.columns % queryHeads == 0,
      "\(queryHeads) and \(keyValueHeads) heads do not divide \(queries.columns) columns")
    out.requireShape(queries.rows, queries.columns, "attention's output")
    let dimension = queries.columns / queryHeads
    for cache in caches {
      precondition(
        cache.width == keyValueHeads * dimension && cache.count > 0,
        "a cache of \(cache.count) positions of \(cache.width) for \(keyValueHeads) heads")
    }
    let group = queryHeads / keyValueHeads
    let (source, target) = (queries.pointer, out.writable)
    let work = caches.reduce(0) { $0 + $1.count } * queries.columns
    spread(caches.count * keyValueHeads, work: work) { index in
      let (row, head) = (index / keyValueHeads, index % keyValueHeads)
      let cache = caches[row]
      let place = row * queries.columns + head * group * dimension
      let start = head * dimension
      engine.scratch.borrow(cache.count) { scores in
        for member in 0..<group {
          let at = place + member * dimension
          attend(
            source + at, UnsafePointer(cache.keys.pointer + start),
            UnsafePointer(cache.values.pointer + start), count: cache.count, stride: cache.width,
            dimension: dimension, scores, into: target + at)
        }
      }
    }
  }
}

/// out [dimension] = softmax(q·Kᵀ / √dimension) · V over `count` rows that lie `stride` apart.
private func attend(
  _ query: UnsafePointer<Float>, _ keys: UnsafePointer<Float>, _ values: UnsafePointer<Float>,
  count: Int, stride: Int, dimension: Int, _ scores: UnsafeMutablePointer<Float>,
  into out: UnsafeMutablePointer<Float>
) {
  let scale = 1 / Float(dimension).squareRoot()
  for position in 0..<count {
    scores[position] = dot(query, keys + position &* stride, dimension) * scale
  }
  let sum = exponentiate(scores, count, shift: maximum(scores, count))
  let inverse = 1 / sum
  var index = 0
  // Four registers of sums hide the latency of adding.
  while index &+ 32 <= dimension {
    var (a, b, c, d) = (Lanes(), Lanes(), Lanes(), Lanes())
    for position in 0..<count {
      let weight = Lanes(repeating: scores[position])
      let value = values + (position &* stride &+ index)
      a = a.addingProduct(value.lanes(at: 0), weight)
      b = b.addingProduct(value.lanes(at: 8), weight)
      c = c.addingProduct(value.lanes(at: 16), weight)
      d = d.addingProduct(value.lanes(at: 24), weight)
    }
    out.store(a * inverse, at: index)
    out.store(b * inverse, at: index &+ 8)
    out.store(c * inverse, at: index &+ 16)
    out.store(d * inverse, at: index &+ 24)
    index &+= 32
  }
  overLanes(index..<dimension) { index, lanes in
    var sums = Lanes()
    for position in 0..<count {
      let value = (values + position &* stride).some(at: index, count: lanes)
      sums = sums.addingProduct(value, Lanes(repeating: scores[position]))
    }
    out.some(sums * inverse, at: index, count: lanes)
  }
}
