import Kernels

/// A linear layer as decoding reads it.
struct DecodingLinear {
  var weights: PackedWeights
  /// [1, outputs].
  var bias: Matrix?
  /// A [rank, inputs] and B [outputs, rank], in float32.
  var adapter: (down: PackedWeights, up: PackedWeights, scale: Float)?
}

/// One layer of the decoder over caches: what `Block.forward` computes, row by row to the bit.
struct DecodingBlock {
  let shape: TransformerShape
  let attentionNorm: Matrix
  let feedForwardNorm: Matrix
  let projections: Projections<DecodingLinear>

  /// More tokens of some sequences through this block, in place; their keys and values are kept.
  func extend(
    _ state: Matrix, positions: [Int32], caches: [(cache: KeyValueCache, rows: Range<Int>)],
    table: RotaryTable, _ pass: PassContext
  ) {
    let (compute, arena, rows) = (pass.compute, pass.arena, state.rows)
    let normed = arena.matrix(rows: rows, columns: shape.hiddenSize)
    let change = arena.matrix(rows: rows, columns: shape.hiddenSize)
    let inverse = arena.buffer(count: rows)
    let queries = arena.matrix(rows: rows, columns: shape.queryWidth)
    let keys = arena.matrix(rows: rows, columns: shape.keyValueWidth)
    let values = arena.matrix(rows: rows, columns: shape.keyValueWidth)
    let attended = arena.matrix(rows: rows, columns: shape.queryWidth)
    compute.rmsNorm(
      state, gain: attentionNorm, epsilon: shape.normEpsilon, into: normed, inverseRMS: inverse)
    apply([\.query, \.key, \.value], to: normed, into: [queries, keys, values], pass)
    compute.rotate(
      queries, heads: shape.queryHeads, positions: positions, table: table, inverse: false)
    compute.rotate(
      keys, heads: shape.keyValueHeads, positions: positions, table: table, inverse: false)
    for (cache, rows) in caches { cache.append(keys: keys.rows(rows), values: values.rows(rows)) }
    compute.attention(
      queries: queries, caches: caches, queryHeads: shape.queryHeads, into: attended)
    apply([\.output], to: attended, into: [change], pass)
    compute.add(state, to: change)

    let gate = arena.matrix(rows: rows, columns: shape.intermediateSize)
    let up = arena.matrix(rows: rows, columns: shape.intermediateSize)
    compute.rmsNorm(
      change, gain: feedForwardNorm, epsilon: shape.normEpsilon, into: normed, inverseRMS: inverse)
    apply([\.gate, \.up], to: normed, into: [gate, up], pass)
    compute.swiGLU(gate: gate, up: up, into: gate)
    apply([\.down], to: gate, into: [state], pass)
    compute.add(change, to: state)
  }

  /// Several layers of one input: their products are shared out together.
  private func apply(
    _ paths: [KeyPath<Projections<DecodingLinear>, DecodingLinear>], to x: Matrix,
    into results: [Matrix], _ pass: PassContext
  ) {
    let mark = pass.arena.mark
    let layers = paths.map { projections[keyPath: $0] }
    var products = zip(layers, results).map { PackedLayer($0.weights, into: $1) }
    var reductions: [PackedLayer] = []
    for (index, layer) in layers.enumerated() {
      guard let adapter = layer.adapter else { continue }
      let reduced = pass.arena.matrix(rows: x.rows, columns: adapter.down.outputs)
      reductions.append(PackedLayer(adapter.down, into: reduced))
      products[index].term = PackedLayer.Term(reduced, adapter.up, scale: adapter.scale)
    }
    pass.compute.exact.multiply(x, packed: reductions)
    pass.compute.multiply(x, packed: products)
    for (layer, y) in zip(layers, results) {
      if let bias = layer.bias { pass.compute.addBias(bias, to: y) }
    }
    pass.arena.reset(to: mark)
  }
}
