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
        queries: queries, keys: keys, values: values, sequences: sequences, queryHeads: heads,
        keyValueHeads: groups, into: out, logSumExp: logSumExp)
    }

    func backward(_ compute: Compute, _ outGradient: Matrix) -> [Matrix] {
      let result = [queries, keys, values].map { Matrix(rows: $0.rows, columns: $0.columns) }
      compute.attentionBackward(
        outGradient: outGradient, out: out, queries: queries, keys: keys, values: values,
        logSumExp: logSumExp, sequences: sequences, queryHeads: heads, keyValueHeads: groups,
        queryGradient: result[0], keyGradient: result[1], valueGradient: result[2])
      return result
    }
  }

  /// Lengths below, at and beyond the blocks of 128 queries and 256 keys.
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

  /// Decoding the last token of a sequence gives what attention over the whole gives there.
  @Test(arguments: [(40, 64), (300, 36)])
  func decodingAgreesWithAttention(length: Int, dimension: Int) {
    let (heads, groups) = (6, 2)
    let batch = Batch(
      [length, 9], heads: heads, groups: groups, dimension: dimension, seed: 25)
    let compute = Compute(threads: 2)
    batch.forward(compute)
    let caches = batch.sequences.map { range in
      let cache = KeyValueCache(capacity: length, width: groups * dimension)
      cache.append(keys: batch.keys.rows(range), values: batch.values.rows(range))
      return cache
    }
    let last = batch.sequences.map { $0.upperBound - 1 }
    let queries = Matrix(rows: 2, columns: heads * dimension)
    let expected = Matrix(rows: 2, columns: heads * dimension)
    compute.gatherRows(batch.queries, rows: last, into: queries)
    compute.gatherRows(batch.out, rows: last, into: expected)
    let out = Matrix(rows: 2, columns: heads * dimension)
    compute.decodeAttention(
      queries: queries, caches: caches, queryHeads: heads, keyValueHeads: groups, into: out)
    #expect(distance(out, Reference(expected)) < 2e-6)

    let single = Matrix(rows: 1, columns: heads * dimension)
    Compute().decodeAttention(
      queries: queries.rows(1..<2), caches: [caches[1]], queryHeads: heads,
      keyValueHeads: groups, into: single)
    #expect(bits(single) == bits(out.rows(1..<2)))
  }
}
