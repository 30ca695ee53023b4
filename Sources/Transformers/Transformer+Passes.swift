import Kernels

extension Transformer {
  /// A forward pass's result, and what going back through it needs.
  ///
  /// Its matrices live in the network's scratch memory: they are good until the next pass begins.
  struct Pass {
    let batch: RaggedBatch
    let context: PassContext
    /// Each block's input [rows, hidden], or none where the pass was recorded while sampling.
    let inputs: [Matrix]
    /// The last block's output [rows that are read, hidden].
    let output: Matrix
    /// Each block's activations; nil where the pass keeps none, or computes them again on the way back.
    let activations: [Kept?]
    /// Where they are instead, if sampling left them.
    var recorded: (recording: ActivationRecording, rows: [ActivationRecording.Row])?
    /// The last output under the final norm [rows that are read, hidden], and one over its root mean square.
    let hidden: Matrix
    let hiddenScale: FloatBuffer
  }

  /// A block's activations, and those of them that wait in fewer bytes.
  struct Kept {
    let activations: Block.Activations
    let halves: Block.Halves?
  }

  /// The last hidden states of a batch's rows that are read.
  ///
  /// A pass that is not `retained` cannot be gone back through. What `recording` has of all rows is not computed again.
  func forward(
    _ batch: RaggedBatch, usesAdapter: Bool, retained: Bool, recording: ActivationRecording? = nil
  ) -> Pass {
    arena.reset()
    let context = PassContext(compute: compute, arena: arena, usesAdapter: usesAdapter)
    if retained, usesAdapter, let recording, let rows = recording.rows(of: batch) {
      return replay(batch, recording, rows, context)
    }
    let hidden = arena.matrix(rows: batch.read.count, columns: shape.hiddenSize)
    let hiddenScale = arena.buffer(count: batch.read.count)
    var inputs = [arena.matrix(rows: batch.rowCount, columns: shape.hiddenSize)]
    var activations: [Kept?] = []
    compute.gather(embedding, ids: batch.tokens, into: inputs[0])
    // Two matrices that take turns are enough where nothing is kept.
    let spare =
      retained ? nil : arena.matrix(rows: batch.rowCount, columns: shape.hiddenSize)
    for (index, block) in blocks.enumerated() {
      let (input, rows) = (inputs[inputs.count - 1], blockRows(index, batch))
      let output: Matrix
      if let spare, rows.asking == nil {
        output = index % 2 == 0 ? spare : inputs[0]
      } else {
        output = arena.matrix(rows: rows.count, columns: shape.hiddenSize)
      }
      let isKept = retained && index >= recomputedLayers
      let isRounded = isKept && compute.precision == .bfloat16
      let mark = arena.mark
      var blockContext = context
      blockContext.wideArena = isRounded ? wideArena : nil
      let found = block.forward(input, into: output, rows, table: table, blockContext)
      let halves = isRounded ? Block.Halves(found, in: arena, compute) : nil
      wideArena.reset()
      activations.append(isKept ? Kept(activations: found, halves: halves) : nil)
      if !isKept { arena.reset(to: mark) }
      inputs.append(output)
    }
    let output = inputs[inputs.count - 1]
    compute.rmsNorm(
      output, gain: finalNorm, epsilon: shape.normEpsilon, into: hidden, inverseRMS: hiddenScale)
    return Pass(
      batch: batch, context: context, inputs: inputs, output: output, activations: activations,
      hidden: hidden, hiddenScale: hiddenScale)
  }

  /// What a block computes of a batch.
  private func blockRows(_ layer: Int, _ batch: RaggedBatch) -> BlockRows {
    layer == blocks.count - 1 ? batch.read : batch.every
  }

  /// The pass that sampling has already made.
  private func replay(
    _ batch: RaggedBatch, _ recording: ActivationRecording, _ rows: [ActivationRecording.Row],
    _ context: PassContext
  ) -> Pass {
    let output = arena.matrix(rows: batch.read.count, columns: shape.hiddenSize)
    let hidden = arena.matrix(rows: batch.read.count, columns: shape.hiddenSize)
    let hiddenScale = arena.buffer(count: batch.read.count)
    let read = batch.read.asking.map { $0.map { rows[$0] } } ?? rows
    recording.output(of: read, into: output, compute)
    compute.rmsNorm(
      output, gain: finalNorm, epsilon: shape.normEpsilon, into: hidden, inverseRMS: hiddenScale)
    return Pass(
      batch: batch, context: context, inputs: [], output: output,
      activations: Array(repeating: nil, count: blocks.count), recorded: (recording, rows),
      hidden: hidden, hiddenScale: hiddenScale)
  }

  /// What a block's way back needs: kept, recorded, or computed again.
  private func activations(of layer: Int, _ pass: Pass) -> Block.Activations {
    if let kept = pass.activations[layer] {
      return kept.halves?.widened(kept.activations, in: arena, compute) ?? kept.activations
    }
    let goOn = blockRows(layer, pass.batch)
    let found =
      if let (recording, rows) = pass.recorded {
        recording.activations(
          of: rows, asking: goOn.asking, layer: layer, shape, in: arena, compute)
      } else {
        blocks[layer].forward(
          pass.inputs[layer], into: arena.matrix(rows: goOn.count, columns: shape.hiddenSize),
          goOn, table: table, pass.context)
      }
    if compute.precision == .bfloat16 { found.round(compute) }
    return found
  }

  /// Adds to `gradients` (laid out as `trainable`) what the gradient in the hidden states means for
  /// every trainable weight below the head.
  func backward(_ pass: Pass, hiddenGradient: Matrix, into gradients: FloatBuffer) {
    func place(_ name: String) -> Matrix? {
      trainable.slot(name).map { trainable.view(of: $0, in: gradients) }
    }
    let (read, every) = (pass.batch.read, pass.batch.every)
    let readGradient = arena.matrix(rows: read.count, columns: shape.hiddenSize)
    let gradient =
      read.asking == nil
      ? readGradient : arena.matrix(rows: every.count, columns: shape.hiddenSize)
    compute.zero(readGradient)
    compute.rmsNormBackward(
      hiddenGradient, x: pass.output, gain: finalNorm, inverseRMS: pass.hiddenScale,
      into: readGradient, gainGradient: place("model.norm.weight"))
    for (layer, block) in blocks.enumerated().reversed() {
      let mark = arena.mark
      let places = BlockGradients(layer: layer, of: trainable, in: gradients)
      let rows = blockRows(layer, pass.batch)
      block.backward(
        rows.asking == nil ? gradient : readGradient, activations(of: layer, pass),
        into: gradient, rows, table: table, adding: places, pass.context)
      arena.reset(to: mark)
    }
    if let target = place("model.embed_tokens.weight") {
      compute.scatterAdd(gradient, ids: pass.batch.tokens, into: target)
    }
  }
}
