public import Kernels

/// One sequence that is being continued: its keys and values, layer by layer.
public final class DecodingSlot {
  let caches: [KeyValueCache]
  /// How many tokens the cache holds.
  public internal(set) var length = 0
  public let capacity: Int

  fileprivate init(shape: TransformerShape, capacity: Int) {
    self.capacity = capacity
    caches = (0..<shape.layerCount).map { _ in
      KeyValueCache(capacity: capacity, width: shape.keyValueWidth)
    }
  }
}

extension Transformer {
  /// An empty cache for a sequence of at most `capacity` tokens.
  public func makeSlot(capacity: Int) -> DecodingSlot {
    DecodingSlot(shape: shape, capacity: capacity)
  }

  /// Fills the slots with their prompts and gives the logits after each prompt's last token
  /// [prompts, vocabulary].
  ///
  /// The prompts go through the pass that training uses. The result lives in scratch memory until
  /// the next pass.
  public func prefill(_ prompts: [[Int32]], slots: [DecodingSlot]) -> Matrix {
    precondition(
      prompts.count == slots.count, "\(prompts.count) prompts for \(slots.count) slots")
    let batch = RaggedBatch(prompts, for: compute)
    arena.reset()
    let context = PassContext(compute: compute, arena: arena, usesAdapter: true)
    let rows = batch.rowCount
    var input = arena.matrix(rows: rows, columns: shape.hiddenSize)
    var output = arena.matrix(rows: rows, columns: shape.hiddenSize)
    compute.gather(embedding, ids: batch.tokens, into: input)
    for (layer, block) in blocks.enumerated() {
      let mark = arena.mark
      let activations = block.forward(
        input, into: output, batch: batch, table: table, context)
      for (slot, range) in zip(slots, batch.sequences) {
        slot.caches[layer].append(
          keys: activations.keys.rows(range), values: activations.values.rows(range))
      }
      arena.reset(to: mark)
      swap(&input, &output)
    }
    for (slot, prompt) in zip(slots, prompts) { slot.length += prompt.count }
    let last = arena.matrix(rows: slots.count, columns: shape.hiddenSize)
    compute.gatherRows(input, rows: batch.sequences.map { $0.upperBound - 1 }, into: last)
    return logits(of: last)
  }

  /// Gives each slot its next token and returns the logits for the one after [slots, vocabulary].
  ///
  /// A slot's bits do not depend on which others are in the step. The result lives in scratch memory
  /// until the next pass.
  public func decode(_ tokens: [Int32], slots: [DecodingSlot]) -> Matrix {
    precondition(tokens.count == slots.count, "\(tokens.count) tokens for \(slots.count) slots")
    arena.reset()
    let context = PassContext(compute: compute, arena: arena, usesAdapter: true)
    let state = arena.matrix(rows: tokens.count, columns: shape.hiddenSize)
    compute.gather(embedding, ids: tokens, into: state)
    let positions = slots.map { Int32($0.length) }
    for (layer, block) in blocks.enumerated() {
      let mark = arena.mark
      block.decode(
        state, positions: positions, caches: slots.map { $0.caches[layer] }, table: table, context)
      arena.reset(to: mark)
    }
    for slot in slots { slot.length += 1 }
    return logits(of: state)
  }

  /// The logits of some last hidden states [rows, hidden] that have not been normed yet.
  private func logits(of states: Matrix) -> Matrix {
    guard let output else { preconditionFailure("a reward model has no logits") }
    let normed = arena.matrix(rows: states.rows, columns: shape.hiddenSize)
    compute.rmsNorm(
      states, gain: finalNorm, epsilon: shape.normEpsilon, into: normed,
      inverseRMS: arena.buffer(count: states.rows))
    let logits = arena.matrix(rows: states.rows, columns: shape.vocabularySize)
    compute.multiplyRows(normed, transposed: output, into: logits)
    return logits
  }
}

extension Block {
  /// One more token of each sequence through this block, in place.
  fileprivate func decode(
    _ state: Matrix, positions: [Int32], caches: [KeyValueCache], table: RotaryTable,
    _ pass: PassContext
  ) {
    let (compute, arena, rows) = (pass.compute, pass.arena, state.rows)
    let normed = arena.matrix(rows: rows, columns: shape.hiddenSize)
    let inverse = arena.buffer(count: rows)
    let queries = arena.matrix(rows: rows, columns: shape.queryWidth)
    let keys = arena.matrix(rows: rows, columns: shape.keyValueWidth)
    let values = arena.matrix(rows: rows, columns: shape.keyValueWidth)
    let attended = arena.matrix(rows: rows, columns: shape.queryWidth)
    let change = arena.matrix(rows: rows, columns: shape.hiddenSize)
    compute.rmsNorm(
      state, gain: attentionNorm, epsilon: shape.normEpsilon, into: normed, inverseRMS: inverse)
    projections.query.decode(normed, into: queries, pass)
    projections.key.decode(normed, into: keys, pass)
    projections.value.decode(normed, into: values, pass)
    compute.rotate(
      queries, heads: shape.queryHeads, positions: positions, table: table, inverse: false)
    compute.rotate(
      keys, heads: shape.keyValueHeads, positions: positions, table: table, inverse: false)
    for (row, cache) in caches.enumerated() {
      cache.append(keys: keys.rows(row..<row + 1), values: values.rows(row..<row + 1))
    }
    compute.decodeAttention(
      queries: queries, caches: caches, queryHeads: shape.queryHeads,
      keyValueHeads: shape.keyValueHeads, into: attended)
    projections.output.decode(attended, into: change, pass)
    compute.add(change, to: state)

    let gate = arena.matrix(rows: rows, columns: shape.intermediateSize)
    let up = arena.matrix(rows: rows, columns: shape.intermediateSize)
    compute.rmsNorm(
      state, gain: feedForwardNorm, epsilon: shape.normEpsilon, into: normed, inverseRMS: inverse)
    projections.gate.decode(normed, into: gate, pass)
    projections.up.decode(normed, into: up, pass)
    compute.swiGLU(gate: gate, up: up, into: gate)
    projections.down.decode(gate, into: change, pass)
    compute.add(change, to: state)
  }
}
