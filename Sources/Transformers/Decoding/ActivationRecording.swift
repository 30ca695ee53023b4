import Kernels

/// What sampling computed of each token, kept for the way back of the step that learns from it.
///
/// A decoding pass computes of a token what a training pass computes, to the bit. So a sequence that was sampled under the weights
/// that learn from it need not go through the network again. A row is a function of the tokens up to its own: it is found by them.
public final class ActivationRecording {
  typealias Row = Int

  /// A token behind others.
  private struct Step: Hashable {
    let before: Row?
    let token: Int32
  }

  let arena = Arena()
  /// By pass: each block's activations, and the last block's output.
  private var passes: [(blocks: [Block.Activations], output: Matrix)] = []
  private var places: [(matrix: Int, row: Int)] = []
  private var rows: [Step: Row] = [:]
  /// Where the rows of the next pass begin.
  private var firstRow = 0

  public init() {}

  /// How many tokens it holds.
  public var rowCount: Int { places.count }

  /// Forgets everything, as the trainer does when it changes weights; the memory is kept for what comes.
  public func reset() {
    arena.reset()
    (passes, places, rows, firstRow) = ([], [], [:], 0)
  }

  /// What a pass computed of each slot's next tokens.
  func append(
    _ blocks: [Block.Activations], output: Matrix, of slots: [DecodingSlot], _ tokens: [[Int32]]
  ) {
    for (slot, tokens) in zip(slots, tokens) {
      for token in tokens {
        places.append((passes.count, places.count - firstRow))
        // Samples that begin alike are computed each by itself, and are the same.
        let step = Step(before: slot.recorded, token: token)
        let row = rows[step] ?? places.count - 1
        rows[step] = row
        slot.recorded = row
      }
    }
    firstRow = places.count
    passes.append((blocks, output))
  }

  /// The batch's rows among these; nil where one is missing.
  func rows(of batch: RaggedBatch) -> [Row]? {
    var found = Array(repeating: -1, count: batch.rowCount)
    for span in batch.sequences {
      var before: Row?
      for position in 0..<span.length {
        let place = span.row(position)
        guard let row = rows[Step(before: before, token: batch.tokens[place])] else { return nil }
        found[place] = row
        before = row
      }
    }
    return found
  }

  /// The last block's output of some rows.
  func output(of rows: [Row], into y: Matrix, _ compute: Compute) {
    compute.gatherRows(of: passes.map(\.output), rows.map { places[$0] }, into: y)
  }

  /// What block `layer` computed of some rows, of which those at the places `asking` go on.
  func activations(
    of rows: [Row], asking: [Int]?, layer: Int, _ shape: TransformerShape, in arena: Arena,
    _ compute: Compute
  ) -> Block.Activations {
    Block.Activations(
      of: passes.map { $0.blocks[layer] }, rows.map { places[$0] }, asking: asking, shape,
      in: arena, compute)
  }
}
