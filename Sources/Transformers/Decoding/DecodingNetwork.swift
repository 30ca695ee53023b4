public import Kernels

/// A language model as decoding reads it: packed weights, and passes that extend sequences.
///
/// Every number of a pass is computed as a training pass computes it, so that in float32 the
/// log-probabilities of sampled tokens are those of training to the last bit.
public final class DecodingNetwork {
  public let shape: TransformerShape
  public let compute: Compute

  let blocks: [DecodingBlock]
  let embedding: Embedding
  /// [vocabulary, hidden].
  let output: PackedWeights
  /// [1, hidden].
  let finalNorm: Matrix
  let table: RotaryTable
  let arena = Arena()
  /// What passes leave behind for a way back; to be set before the first slot is made.
  public var recording: ActivationRecording?

  /// Where the vectors of tokens are read, [vocabulary, hidden].
  enum Embedding {
    case packed(PackedWeights)
    case rows(WeightMatrix)
  }

  init(
    shape: TransformerShape, compute: Compute, blocks: [DecodingBlock], embedding: Embedding,
    output: PackedWeights, finalNorm: Matrix
  ) {
    self.shape = shape
    self.compute = compute
    self.blocks = blocks
    self.embedding = embedding
    self.output = output
    self.finalNorm = finalNorm
    table = RotaryTable(
      frequencies: shape.rotary.frequencies(headDimension: shape.headDimension),
      maximumPosition: shape.maximumPosition)
  }

  /// An empty sequence.
  public func makeSlot() -> DecodingSlot {
    DecodingSlot(
      caches: (0..<shape.layerCount).map { _ in
        KeyValueCache(width: shape.keyValueWidth, heads: shape.keyValueHeads)
      }, length: 0)
  }

  /// The bytes that 16 positions of one sequence take in the caches of all layers.
  public var cachePageBytes: Int { shape.cachePageBytes }

  /// Gives each slot its next tokens and returns the logits after the last of them [slots, vocabulary].
  ///
  /// A slot's bits do not depend on which others are in the pass, or on how its tokens are divided over
  /// passes. The result lives in scratch memory until the next pass.
  public func extend(_ slots: [DecodingSlot], with tokens: [[Int32]]) -> Matrix {
    precondition(
      slots.count == tokens.count && !tokens.contains(where: \.isEmpty),
      "\(tokens.map(\.count)) tokens for \(slots.count) slots")
    arena.reset()
    var positions: [Int32] = []
    var rows: [Range<Int>] = []
    for (slot, tokens) in zip(slots, tokens) {
      rows.append(positions.count..<positions.count + tokens.count)
      positions += (0..<tokens.count).map { Int32(slot.length + $0) }
      slot.length += tokens.count
    }
    let store = recording?.arena ?? arena
    func states() -> Matrix { store.matrix(rows: positions.count, columns: shape.hiddenSize) }
    // Two matrices that take turns are enough where nothing is kept.
    var (state, spare) = (states(), states())
    switch embedding {
    case .packed(let table): compute.gather(table, ids: tokens.flatMap { $0 }, into: state)
    case .rows(let table): compute.gather(table, ids: tokens.flatMap { $0 }, into: state)
    }
    let context = PassContext(compute: compute, arena: arena, usesAdapter: true)
    var kept: [Block.Activations] = []
    for (layer, block) in blocks.enumerated() {
      let mark = arena.mark
      let caches = zip(slots, rows).map { (cache: $0.caches[layer], rows: $1) }
      let activations = block.extend(
        state, into: spare, positions: positions, caches: caches, table: table, store: store,
        context)
      arena.reset(to: mark)
      (state, spare) = (spare, recording == nil ? state : states())
      if recording != nil { kept.append(activations) }
    }
    recording?.append(kept, output: state, of: slots, tokens)
    return logits(state, rows: rows.map { $0.upperBound - 1 })
  }

  /// The logits of some rows of the last hidden states, which have not been normed yet.
  private func logits(_ states: Matrix, rows: [Int]) -> Matrix {
    let last = arena.matrix(rows: rows.count, columns: shape.hiddenSize)
    compute.gatherRows(states, rows: rows, into: last)
    compute.rmsNorm(
      last, gain: finalNorm, epsilon: shape.normEpsilon, into: last,
      inverseRMS: arena.buffer(count: rows.count))
    let logits = arena.matrix(rows: rows.count, columns: shape.vocabularySize)
    compute.multiply(last, packed: output, into: logits)
    return logits
  }
}
