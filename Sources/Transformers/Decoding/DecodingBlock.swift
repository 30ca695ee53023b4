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

  /// More tokens of some sequences through this block; their keys and values are kept in the caches.
  ///
  /// What a way back needs is taken from `store`, everything else from the pass's arena.
  func extend(
    _ input: Matrix, into output: Matrix, positions: [Int32],
    caches: [(cache: KeyValueCache, rows: Range<Int>)], table: RotaryTable, store: Arena,
    _ pass: PassContext
  ) -> Block.Activations {
    let (compute, arena, rows) = (pass.compute, pass.arena, input.rows)
    let activations = Block.Activations(of: input, asking: rows, shape, in: store)
    let normed = arena.matrix(rows: rows, columns: shape.hiddenSize)
    compute.rmsNorm(
      input, gain: attentionNorm, epsilon: shape.normEpsilon, into: normed,
      inverseRMS: activations.inputScale)
    let (queries, keys, values) = (activations.queries, activations.keys, activations.values)
    apply([\.query, \.key, \.value], to: normed, into: [queries, keys, values], pass)
    compute.rotate(
      queries, heads: shape.queryHeads, positions: positions, table: table, inverse: false)
    compute.rotate(
      keys, heads: shape.keyValueHeads, positions: positions, table: table, inverse: false)
    compute.append(keys: keys, values: values, to: caches)
    compute.attention(
      queries: queries, caches: caches, queryHeads: shape.queryHeads, into: activations.attended,
      logSumExp: activations.logSumExp)
    apply([\.output], to: activations.attended, into: [activations.middle], pass)
    compute.add(input, to: activations.middle)

    compute.rmsNorm(
      activations.middle, gain: feedForwardNorm, epsilon: shape.normEpsilon, into: normed,
      inverseRMS: activations.middleScale)
    apply([\.gate, \.up], to: normed, into: [activations.gate, activations.up], pass)
    let gated = arena.matrix(rows: rows, columns: shape.intermediateSize)
    compute.swiGLU(gate: activations.gate, up: activations.up, into: gated)
    apply([\.down], to: gated, into: [output], pass)
    compute.add(activations.middle, to: output)
    return activations
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
