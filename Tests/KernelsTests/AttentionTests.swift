import Glibc
import Kernels
import Testing

/// Causal grouped-query attention against softmax written out in double precision.
struct AttentionTests {
  struct Case {
    var lengths: [Int]
    var heads: Int
    var groups: Int
    var dimension: Int
  }

  private struct Batch {
    let queries: Matrix
    let keys: Matrix
    let values: Matrix
    let sequences: [Range<Int>]
    let heads: Int
    let groups: Int
    let out: Matrix
    let logSumExp: FloatBuffer

    init(_ lengths: [Int], heads: Int, groups: Int, dimension: Int, gap: Int = 0, seed: UInt64) {
      var numbers = Numbers(seed)
      var start = 0
      sequences = lengths.map { length in
        defer { start += length + gap }
        return start..<start + length
      }
      queries = numbers.matrix(start, heads * dimension, scale: 3)
      keys = numbers.matrix(start, groups * dimension, scale: 3)
      values = numbers.matrix(start, groups * dimension)
      out = Matrix(rows: start, columns: heads * dimension)
      logSumExp = FloatBuffer(count: start * heads)
      (self.heads, self.groups) = (heads, groups)
    }

    func forward(_ compute: Compute) {
      compute.attention(
        queries: queries, keys: keys, values: values,
        spans: sequences.map { AttentionSpan(own: $0) }, queryHeads: heads,
        keyValueHeads: groups, into: out, logSumExp: logSumExp)
    }

    func backward(_ compute: Compute, _ outGradient: Matrix) -> [Matrix] {
      let result = [queries, keys, values].map { Matrix(rows: $0.rows, columns: $0.columns) }
      compute.attentionBackward(
        outGradient: outGradient, out: out, queries: queries, keys: keys, values: values,
        logSumExp: logSumExp, spans: sequences.map { AttentionSpan(own: $0) }, queryHeads: heads,
        keyValueHeads: groups,
        queryGradient: result[0], keyGradient: result[1], valueGradient: result[2])
      return result
    }
  }

  /// Lengths below, at and beyond the blocks of 48 queries and 64 keys.
  @Test(arguments: [([1, 5, 40], 4, 2, 8), ([300, 129], 2, 1, 16), ([520], 3, 3, 12)])
  func attentionAndItsSlopesAgreeWithDoubles(
    lengths: [Int], heads: Int, groups: Int, dimension: Int
  ) {
    let batch = Batch(
      lengths, heads: heads, groups: groups, dimension: dimension, gap: 3, seed: 20)
    let compute = Compute(threads: 2)
    batch.forward(compute)
    var numbers = Numbers(21)
    let outGradient = numbers.matrix(batch.out.rows, batch.out.columns)
    let gradients = batch.backward(compute, outGradient)
    let expected = reference(batch, Reference(outGradient))
    #expect(distance(batch.out, expected[0]) < 3e-6)
    for (gradient, reference) in zip(gradients, expected.dropFirst()) {
      #expect(distance(gradient, reference) < 1e-5)
    }
  }

  /// The output, then the gradients in queries, keys and values.
  private func reference(_ batch: Batch, _ slope: Reference) -> [Reference] {
    let (q, k, v) = (Reference(batch.queries), Reference(batch.keys), Reference(batch.values))
    var out = Reference(q.rows, q.columns)
    var (dq, dk, dv) = (
      Reference(q.rows, q.columns), Reference(k.rows, k.columns), Reference(k.rows, k.columns)
    )
    let d = q.columns / batch.heads
    let scale = 1 / Double(d).squareRoot()
    for (sequence, head) in batch.sequences.flatMap({ s in (0..<batch.heads).map { (s, $0) } }) {
      let (a, b) = (head * d, head * batch.groups / batch.heads * d)
      for row in sequence {
        let seen = Array(sequence.lowerBound...row)
        let scores = seen.map { j in
          (0..<d).reduce(0) { $0 + q[row, a + $1] * k[j, b + $1] } * scale
        }
        let peak = scores.max() ?? 0
        let powers = scores.map { exp($0 - peak) }
        let sum = powers.reduce(0, +)
        let p = powers.map { $0 / sum }
        for (j, weight) in zip(seen, p) {
          for i in 0..<d { out[row, a + i] += weight * v[j, b + i] }
        }
        let dp = seen.map { j in (0..<d).reduce(0) { $0 + slope[row, a + $1] * v[j, b + $1] } }
        let pull = zip(p, dp).reduce(0) { $0 + $1.0 * $1.1 }
        for (index, j) in seen.enumerated() {
          let ds = p[index] * (dp[index] - pull) * scale
          for i in 0..<d {
            dv[j, b + i] += p[index] * slope[row, a + i]
            dq[row, a + i] += ds * k[j, b + i]
            dk[j, b + i] += ds * q[row, a + i]
          }
        }
      }
    }
    return [out, dq, dk, dv]
  }

  /// The same sequence first, last or alone, on one thread or two: the same bits.
  @Test(arguments: [17, 60, 300])
  func aSequenceDoesNotDependOnItsPlaceOrOnThreads(length: Int) {
    let (heads, groups, dimension) = (4, 2, 32)
    let alone = Batch([length], heads: heads, groups: groups, dimension: dimension, seed: 22)
    var numbers = Numbers(23)
    let slope = numbers.matrix(length, heads * dimension)
    alone.forward(Compute())
    let slopes = alone.backward(Compute(), slope)
    for (lengths, place) in [([33, length, 7], 1), ([length, 50], 0), ([1, 2, length], 2)] {
      let batch = Batch(lengths, heads: heads, groups: groups, dimension: dimension, seed: 24)
      let range = batch.sequences[place]
      let compute = Compute(threads: 2)
      let outGradient = numbers.matrix(batch.out.rows, batch.out.columns)
      for (from, to) in [
        (alone.queries, batch.queries), (alone.keys, batch.keys), (alone.values, batch.values),
        (slope, outGradient),
      ] {
        compute.copy(from, to: to.rows(range))
      }
      batch.forward(compute)
      let gradients = batch.backward(compute, outGradient)
      #expect(bits(batch.out.rows(range)) == bits(alone.out))
      for (gradient, expected) in zip(gradients, slopes) {
        #expect(bits(gradient.rows(range)) == bits(expected))
      }
    }
  }

  /// Two sequences that share their first rows: each row has the bits of the sequence by itself, and the
  /// shared rows' gradients are the sums of both.
  @Test(arguments: [(70, 60, 33), (64, 1, 128), (5, 90, 2)])
  func aSharedPrefixChangesNoBit(prefix: Int, first: Int, second: Int) {
    let (heads, groups, dimension) = (4, 2, 24)
    let rows = prefix + first + second
    let shared = Batch([rows], heads: heads, groups: groups, dimension: dimension, seed: 26)
    let compute = Compute(threads: 2)
    let owns = [prefix..<prefix + first, prefix + first..<rows]
    let spans =
      [AttentionSpan(own: 0..<prefix)]
      + owns.map { AttentionSpan(prefix: 0..<prefix, own: $0) }
    compute.attention(
      queries: shared.queries, keys: shared.keys, values: shared.values, spans: spans,
      queryHeads: heads, keyValueHeads: groups, into: shared.out, logSumExp: shared.logSumExp)
    var numbers = Numbers(27)
    let slope = numbers.matrix(rows, heads * dimension)
    let gradients = [shared.queries, shared.keys, shared.values].map {
      Matrix(rows: $0.rows, columns: $0.columns)
    }
    compute.attentionBackward(
      outGradient: slope, out: shared.out, queries: shared.queries, keys: shared.keys,
      values: shared.values, logSumExp: shared.logSumExp, spans: spans, queryHeads: heads,
      keyValueHeads: groups, queryGradient: gradients[0], keyGradient: gradients[1],
      valueGradient: gradients[2])
    var sums = gradients.map { Reference($0.rows, $0.columns) }
    for (index, own) in owns.enumerated() {
      let places = Array(0..<prefix) + Array(own)
      let alone = Batch(
        [places.count], heads: heads, groups: groups, dimension: dimension, seed: 28)
      let aloneSlope = Matrix(rows: places.count, columns: slope.columns)
      for (from, to) in [
        (shared.queries, alone.queries), (shared.keys, alone.keys), (shared.values, alone.values),
        (slope, aloneSlope),
      ] {
        compute.gatherRows(from, rows: places, into: to)
      }
      // The prefix's own outputs count once.
      if index > 0 { compute.zero(aloneSlope.rows(0..<prefix)) }
      alone.forward(Compute())
      for (row, place) in places.enumerated() {
        #expect(bits(alone.out.rows(row..<row + 1)) == bits(shared.out.rows(place..<place + 1)))
      }
      for (gradient, kind) in zip(alone.backward(Compute(), aloneSlope), sums.indices) {
        for (row, place) in places.enumerated() {
          for column in 0..<gradient.columns {
            sums[kind][place, column] += Double(gradient[row, column])
          }
        }
      }
    }
    for (gradient, expected) in zip(gradients, sums) {
      #expect(distance(gradient, expected) < 2e-6)
    }
  }

  /// The last rows of a sequence ask alone: they have the bits that they have among all, and the gradients are those
  /// of all where nothing depends on the others.
  @Test(arguments: [(70, 1), (130, 40), (5, 5)])
  func theLastRowsMayAskAlone(rows: Int, asking: Int) {
    let (heads, groups, dimension) = (4, 2, 24)
    let all = Batch([rows], heads: heads, groups: groups, dimension: dimension, seed: 31)
    let compute = Compute(threads: 2)
    all.forward(compute)
    let last = rows - asking..<rows
    let slope = Matrix(rows: rows, columns: heads * dimension)
    var numbers = Numbers(32)
    let askingSlope = numbers.matrix(asking, slope.columns)
    compute.copy(askingSlope, to: slope.rows(last))
    let expected = all.backward(compute, slope)

    let spans = [AttentionSpan(own: 0..<rows, queries: 0..<asking)]
    let queries = Matrix(rows: asking, columns: slope.columns)
    compute.copy(all.queries.rows(last), to: queries)
    let out = Matrix(rows: asking, columns: slope.columns)
    let sums = FloatBuffer(count: asking * heads)
    compute.attention(
      queries: queries, keys: all.keys, values: all.values, spans: spans, queryHeads: heads,
      keyValueHeads: groups, into: out, logSumExp: sums)
    #expect(bits(out) == bits(all.out.rows(last)))
    let gradients = [queries, all.keys, all.values].map {
      Matrix(rows: $0.rows, columns: $0.columns)
    }
    compute.attentionBackward(
      outGradient: askingSlope, out: out, queries: queries, keys: all.keys, values: all.values,
      logSumExp: sums, spans: spans, queryHeads: heads, keyValueHeads: groups,
      queryGradient: gradients[0], keyGradient: gradients[1], valueGradient: gradients[2])
    #expect(bits(gradients[0]) == bits(expected[0].rows(last)))
    for (gradient, expected) in zip(gradients.dropFirst(), expected.dropFirst()) {
      #expect(distance(gradient, Reference(expected)) < 2e-6)
    }
  }

  /// Rows that come one by one or several at a time to a cache have the bits of attention over the whole.
  @Test(arguments: [(40, 64), (300, 36), (129, 8)])
  func cachedAttentionHasTheBitsOfAttention(length: Int, dimension: Int) {
    let (heads, groups) = (6, 2)
    let batch = Batch(
      [length, 9], heads: heads, groups: groups, dimension: dimension, seed: 25)
    let compute = Compute(threads: 2)
    batch.forward(compute)
    let out = Matrix(rows: batch.out.rows, columns: batch.out.columns)
    for range in batch.sequences {
      let cache = KeyValueCache(width: groups * dimension, heads: groups)
      var start = range.lowerBound
      for count in [7, 1, 1] + Array(repeating: 90, count: 4) where start < range.upperBound {
        let rows = start..<min(start + count, range.upperBound)
        compute.append(keys: batch.keys, values: batch.values, to: [(cache, rows)])
        let sums = FloatBuffer(count: rows.count * heads)
        compute.attention(
          queries: batch.queries.rows(rows), caches: [(cache, 0..<rows.count)],
          queryHeads: heads, into: out.rows(rows), logSumExp: sums)
        #expect(
          sums.array()
            == batch.logSumExp.array(rows.lowerBound * heads..<rows.upperBound * heads))
        start = rows.upperBound
      }
      #expect(cache.count == range.count)
    }
    #expect(bits(out) == bits(batch.out))
  }

  /// A fork reads what was there and writes to itself alone.
  @Test(arguments: [48, 64, 70])
  func aForkGoesOnByItself(length: Int) {
    let (groups, dimension) = (2, 16)
    var numbers = Numbers(29)
    let width = groups * dimension
    func rows(_ count: Int) -> (Matrix, Matrix) {
      (numbers.matrix(count, width), numbers.matrix(count, width))
    }
    func attended(_ cache: KeyValueCache, _ query: Matrix) -> [UInt32] {
      let out = Matrix(rows: 1, columns: width)
      Compute().attention(
        queries: query, caches: [(cache, 0..<1)], queryHeads: groups, into: out,
        logSumExp: FloatBuffer(count: groups))
      return bits(out)
    }
    func append(_ rows: (keys: Matrix, values: Matrix), to cache: KeyValueCache) {
      Compute().append(
        keys: rows.keys, values: rows.values, to: [(cache, 0..<rows.keys.rows)])
    }
    let query = numbers.matrix(1, width)
    let (prompt, one, other) = (rows(length), rows(1), rows(1))
    let cache = KeyValueCache(width: width, heads: groups)
    append(prompt, to: cache)
    let fork = cache.fork()
    append(other, to: fork)
    append(one, to: cache)
    let alone = KeyValueCache(width: width, heads: groups)
    append(prompt, to: alone)
    append(one, to: alone)
    #expect(attended(cache, query) == attended(alone, query))
    #expect(attended(fork, query) != attended(alone, query))
  }
}
