public import Kernels

/// The reward model's view of some sequences, and the way back.
public struct ScorePass {
  /// One score a sequence.
  public let values: [Float]

  let pass: Transformer.Pass
  let rows: [Int]
  let selected: Matrix
}

extension Transformer {
  /// The score of each sequence, read at its last token.
  ///
  /// A score is a function of the sequence alone: the same bits in any batch, in any order.
  public func scores(of sequences: [[Int32]], retained: Bool = false) -> ScorePass {
    guard let score else { preconditionFailure("a language model has no score") }
    let batch = RaggedBatch(sequences, readFrom: sequences.map { $0.count - 1 })
    let pass = forward(batch, usesAdapter: true, retained: retained)
    let rows = batch.sequences.map { batch.read.place($0.row($0.length - 1)) }
    let selected = arena.matrix(rows: rows.count, columns: shape.hiddenSize)
    let values = arena.matrix(rows: rows.count, columns: 1)
    compute.gatherRows(pass.hidden, rows: rows, into: selected)
    compute.exact.multiply(selected, transposed: score, into: values)
    return ScorePass(values: values.array(), pass: pass, rows: rows, selected: selected)
  }

  /// Adds the gradient of a loss to `gradients`, given its slope in each score.
  public func backward(_ result: ScorePass, slopes: [Float], into gradients: FloatBuffer) {
    guard let score else { preconditionFailure("a language model has no score") }
    precondition(
      slopes.count == result.rows.count, "\(slopes.count) slopes for \(result.rows.count) scores")
    let slopeColumn = arena.matrix(rows: slopes.count, columns: 1)
    slopeColumn.buffer.copy(from: slopes, at: slopeColumn.offset)
    if let slot = trainable.slot("score.weight") {
      compute.exact.multiply(
        transposed: slopeColumn, result.selected, into: trainable.view(of: slot, in: gradients),
        accumulating: true)
    }
    let selectedGradient = arena.matrix(rows: slopes.count, columns: shape.hiddenSize)
    compute.exact.multiply(slopeColumn, score, into: selectedGradient)
    let hiddenGradient = arena.matrix(rows: result.pass.hidden.rows, columns: shape.hiddenSize)
    compute.zero(hiddenGradient)
    compute.scatterRows(adding: selectedGradient, rows: result.rows, into: hiddenGradient)
    backward(result.pass, hiddenGradient: hiddenGradient, into: gradients)
  }
}
