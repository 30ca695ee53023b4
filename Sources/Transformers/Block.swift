import Kernels

/// One layer of the decoder: attention and a gated feed-forward network, each after a norm and added
/// to what came in.
struct Block {
  let shape: TransformerShape
  /// [1, hidden].
  let attentionNorm: Matrix
  let feedForwardNorm: Matrix
  /// The seven linear layers.
  var projections: Projections<Linear>

  /// The output [rows that go on, hidden] into `output`, and what backward needs.
  ///
  /// Activations are taken from the arena: a caller that does not need them returns to a mark.
  func forward(
    _ input: Matrix, into output: Matrix, _ rows: BlockRows, table: RotaryTable,
    _ pass: PassContext
  ) -> Activations {
    let (compute, arena) = (pass.compute, pass.arena)
    let activations = Activations(
      of: input, asking: rows.count, shape, in: arena, wide: pass.wideArena)
    let mark = arena.mark

    let normed = arena.matrix(rows: input.rows, columns: shape.hiddenSize)
    compute.rmsNorm(
      input, gain: attentionNorm, epsilon: shape.normEpsilon, into: normed,
      inverseRMS: activations.inputScale)
    let asking = rows.narrowed(normed, pass)
    projections.query.forward(asking, into: activations.queries, pass)
    projections.key.forward(normed, into: activations.keys, pass)
    projections.value.forward(normed, into: activations.values, pass)
    rotate(activations.queries, activations.keys, rows, table, inverse: false, compute)
    compute.attention(
      queries: activations.queries, keys: activations.keys, values: activations.values,
      spans: rows.spans, queryHeads: shape.queryHeads, keyValueHeads: shape.keyValueHeads,
      into: activations.attended, logSumExp: activations.logSumExp)
    projections.output.forward(activations.attended, into: activations.middle, pass)
    compute.add(rows.narrowed(input, pass), to: activations.middle)

    // The first norm's output is not needed any more: its memory takes the second's.
    compute.rmsNorm(
      activations.middle, gain: feedForwardNorm, epsilon: shape.normEpsilon, into: asking,
      inverseRMS: activations.middleScale)
    projections.gate.forward(asking, into: activations.gate, pass)
    projections.up.forward(asking, into: activations.up, pass)
    let gated = arena.matrix(rows: rows.count, columns: shape.intermediateSize)
    compute.swiGLU(gate: activations.gate, up: activations.up, into: gated)
    projections.down.forward(gated, into: output, pass)
    compute.add(activations.middle, to: output)
    arena.reset(to: mark)
    return activations
  }

  /// The gradient in the input [rows, hidden] from that in the output [rows that go on, hidden], which is overwritten, and
  /// the parameters' added to `gradients`.
  ///
  /// Both are one matrix where all rows go on. The norms' outputs and the gated product are computed again: they cost a
  /// pass over memory, and keeping them would make the activations half as large again.
  func backward(
    _ gradient: Matrix, _ activations: Activations, into inputGradient: Matrix, _ rows: BlockRows,
    table: RotaryTable, adding gradients: BlockGradients, _ pass: PassContext
  ) {
    backwardFeedForward(gradient, activations, into: gradients, pass)
    backwardAttention(gradient, activations, into: inputGradient, rows, table, gradients, pass)
  }

  private func backwardFeedForward(
    _ gradient: Matrix, _ activations: Activations, into gradients: BlockGradients,
    _ pass: PassContext
  ) {
    let (compute, arena, rows) = (pass.compute, pass.arena, gradient.rows)
    let mark = arena.mark
    let gated = arena.matrix(rows: rows, columns: shape.intermediateSize)
    let gatedGradient = arena.matrix(rows: rows, columns: shape.intermediateSize)
    compute.swiGLU(gate: activations.gate, up: activations.up, into: gated)
    projections.down.backward(gradient, x: gated, into: gatedGradient, gradients[\.down], pass)
    // `gated` is not needed any more: its memory takes the gradient of the gate branch.
    let upGradient = arena.matrix(rows: rows, columns: shape.intermediateSize)
    compute.swiGLUBackward(
      gatedGradient, gate: activations.gate, up: activations.up, gateGradient: gated,
      upGradient: upGradient)

    let normed = arena.matrix(rows: rows, columns: shape.hiddenSize)
    let normedGradient = arena.matrix(rows: rows, columns: shape.hiddenSize)
    compute.rmsNorm(
      activations.middle, gain: feedForwardNorm, epsilon: shape.normEpsilon, into: normed,
      inverseRMS: activations.middleScale)
    projections.gate.backward(gated, x: normed, into: normedGradient, gradients[\.gate], pass)
    projections.up.backward(
      upGradient, x: normed, into: normedGradient, accumulating: true, gradients[\.up], pass)
    compute.rmsNormBackward(
      normedGradient, x: activations.middle, gain: feedForwardNorm,
      inverseRMS: activations.middleScale, into: gradient,
      gainGradient: gradients.feedForwardNorm)
    arena.reset(to: mark)
  }

  private func backwardAttention(
    _ gradient: Matrix, _ activations: Activations, into inputGradient: Matrix, _ rows: BlockRows,
    _ table: RotaryTable, _ gradients: BlockGradients, _ pass: PassContext
  ) {
    let (compute, arena, input) = (pass.compute, pass.arena, activations.input)
    let mark = arena.mark
    let attendedGradient = arena.matrix(rows: rows.count, columns: shape.queryWidth)
    projections.output.backward(
      gradient, x: activations.attended, into: attendedGradient, gradients[\.output], pass)
    let queries = arena.matrix(rows: rows.count, columns: shape.queryWidth)
    let keys = arena.matrix(rows: input.rows, columns: shape.keyValueWidth)
    let values = arena.matrix(rows: input.rows, columns: shape.keyValueWidth)
    compute.attentionBackward(
      outGradient: attendedGradient, out: activations.attended, queries: activations.queries,
      keys: activations.keys, values: activations.values, logSumExp: activations.logSumExp,
      spans: rows.spans, queryHeads: shape.queryHeads, keyValueHeads: shape.keyValueHeads,
      queryGradient: queries, keyGradient: keys, valueGradient: values)
    rotate(queries, keys, rows, table, inverse: true, compute)

    let normed = arena.matrix(rows: input.rows, columns: shape.hiddenSize)
    let normedGradient = arena.matrix(rows: input.rows, columns: shape.hiddenSize)
    compute.rmsNorm(
      input, gain: attentionNorm, epsilon: shape.normEpsilon, into: normed,
      inverseRMS: activations.inputScale)
    let askingGradient = rows.narrowedRoom(normedGradient, pass)
    projections.query.backward(
      queries, x: rows.narrowed(normed, pass), into: askingGradient, gradients[\.query], pass)
    rows.widen(askingGradient, into: normedGradient, compute)
    projections.key.backward(
      keys, x: normed, into: normedGradient, accumulating: true, gradients[\.key], pass)
    projections.value.backward(
      values, x: normed, into: normedGradient, accumulating: true, gradients[\.value], pass)
    rows.widen(gradient, into: inputGradient, compute)
    compute.rmsNormBackward(
      normedGradient, x: input, gain: attentionNorm, inverseRMS: activations.inputScale,
      into: inputGradient, gainGradient: gradients.attentionNorm)
    arena.reset(to: mark)
  }

  private func rotate(
    _ queries: Matrix, _ keys: Matrix, _ rows: BlockRows, _ table: RotaryTable, inverse: Bool,
    _ compute: Compute
  ) {
    compute.rotate(
      queries, heads: shape.queryHeads, positions: rows.askingPositions, table: table,
      inverse: inverse)
    compute.rotate(
      keys, heads: shape.keyValueHeads, positions: rows.positions, table: table, inverse: inverse)
  }
}
