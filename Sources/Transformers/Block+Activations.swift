import Kernels

extension Block {
  /// What the backward pass needs of the forward pass; rows are the batch's rows.
  struct Activations {
    /// What came in [rows, hidden], and one over its root mean square.
    let input: Matrix
    let inputScale: FloatBuffer
    /// Queries [rows, queryWidth], keys and values [rows, keyValueWidth], turned by their positions.
    let queries: Matrix
    let keys: Matrix
    let values: Matrix
    /// What attention gave [rows, queryWidth], and its log-sum-exp per row and head.
    let attended: Matrix
    let logSumExp: FloatBuffer
    /// The sum after attention [rows, hidden], and one over its root mean square.
    let middle: Matrix
    let middleScale: FloatBuffer
    /// The feed-forward network's two branches [rows, intermediate].
    let gate: Matrix
    let up: Matrix

    /// Room for what a pass over `input` computes.
    init(of input: Matrix, _ shape: TransformerShape, in arena: Arena) {
      let rows = input.rows
      self.input = input
      inputScale = arena.buffer(count: rows)
      queries = arena.matrix(rows: rows, columns: shape.queryWidth)
      keys = arena.matrix(rows: rows, columns: shape.keyValueWidth)
      values = arena.matrix(rows: rows, columns: shape.keyValueWidth)
      attended = arena.matrix(rows: rows, columns: shape.queryWidth)
      logSumExp = arena.buffer(count: rows * shape.queryHeads)
      middle = arena.matrix(rows: rows, columns: shape.hiddenSize)
      middleScale = arena.buffer(count: rows)
      gate = arena.matrix(rows: rows, columns: shape.intermediateSize)
      up = arena.matrix(rows: rows, columns: shape.intermediateSize)
    }

    /// Rows that several passes computed, as if one pass had.
    init(
      of passes: [Activations], _ rows: [(matrix: Int, row: Int)], _ shape: TransformerShape,
      in arena: Arena, _ compute: Compute
    ) {
      let input = arena.matrix(rows: rows.count, columns: shape.hiddenSize)
      self.init(of: input, shape, in: arena)
      let matrices: [KeyPath<Activations, Matrix>] = [
        \.input, \.queries, \.keys, \.values, \.attended, \.middle, \.gate, \.up,
      ]
      for matrix in matrices {
        compute.gatherRows(
          of: passes.map { $0[keyPath: matrix] }, rows, into: self[keyPath: matrix])
      }
      let numbers: [(KeyPath<Activations, FloatBuffer>, columns: Int)] = [
        (\.inputScale, 1), (\.logSumExp, shape.queryHeads), (\.middleScale, 1),
      ]
      for (buffer, columns) in numbers {
        compute.gatherRows(
          of: passes.map { pass in
            Matrix(pass[keyPath: buffer], rows: pass.input.rows, columns: columns)
          }, rows,
          into: Matrix(self[keyPath: buffer], rows: rows.count, columns: columns))
      }
    }
  }
}
