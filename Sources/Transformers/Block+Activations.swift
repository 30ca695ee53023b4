import Kernels

extension Block {
  /// What the backward pass needs of the forward pass; rows are the batch's rows, or those that go on (`BlockRows`).
  struct Activations {
    /// What came in [rows, hidden], and one over its root mean square.
    let input: Matrix
    let inputScale: FloatBuffer
    /// Keys and values [rows, keyValueWidth] and queries [rows that go on, queryWidth], turned by their positions.
    let queries: Matrix
    let keys: Matrix
    let values: Matrix
    /// What attention gave [rows, queryWidth], and its log-sum-exp per row and head.
    var attended: Matrix
    let logSumExp: FloatBuffer
    /// The sum after attention [rows, hidden], and one over its root mean square.
    let middle: Matrix
    let middleScale: FloatBuffer
    /// The feed-forward network's two branches [rows, intermediate].
    var gate: Matrix
    var up: Matrix

    /// Room for what a pass over `input` computes, in which so many rows go on; for the widest in `wide`.
    init(
      of input: Matrix, asking rows: Int, _ shape: TransformerShape, in arena: Arena,
      wide: Arena? = nil
    ) {
      let wide = wide ?? arena
      self.input = input
      inputScale = arena.buffer(count: input.rows)
      queries = arena.matrix(rows: rows, columns: shape.queryWidth)
      keys = arena.matrix(rows: input.rows, columns: shape.keyValueWidth)
      values = arena.matrix(rows: input.rows, columns: shape.keyValueWidth)
      attended = wide.matrix(rows: rows, columns: shape.queryWidth)
      logSumExp = arena.buffer(count: rows * shape.queryHeads)
      middle = arena.matrix(rows: rows, columns: shape.hiddenSize)
      middleScale = arena.buffer(count: rows)
      gate = wide.matrix(rows: rows, columns: shape.intermediateSize)
      up = wide.matrix(rows: rows, columns: shape.intermediateSize)
    }

    /// Rows that several passes computed, as if one pass had; those passes went on with all of theirs.
    init(
      of passes: [Activations], _ rows: [(matrix: Int, row: Int)], asking: [Int]?,
      _ shape: TransformerShape, in arena: Arena, _ compute: Compute
    ) {
      let goOn = asking.map { $0.map { rows[$0] } } ?? rows
      let input = arena.matrix(rows: rows.count, columns: shape.hiddenSize)
      self.init(of: input, asking: goOn.count, shape, in: arena)
      let matrices: [(KeyPath<Activations, Matrix>, ofAll: Bool)] = [
        (\.input, true), (\.keys, true), (\.values, true), (\.queries, false), (\.attended, false),
        (\.middle, false), (\.gate, false), (\.up, false),
      ]
      for (matrix, ofAll) in matrices {
        compute.gatherRows(
          of: passes.map { $0[keyPath: matrix] }, ofAll ? rows : goOn, into: self[keyPath: matrix])
      }
      let numbers: [(KeyPath<Activations, FloatBuffer>, columns: Int, ofAll: Bool)] = [
        (\.inputScale, 1, true), (\.logSumExp, shape.queryHeads, false), (\.middleScale, 1, false),
      ]
      for (buffer, columns, ofAll) in numbers {
        let chosen = ofAll ? rows : goOn
        compute.gatherRows(
          of: passes.map { pass in
            Matrix(pass[keyPath: buffer], rows: pass.input.rows, columns: columns)
          }, chosen,
          into: Matrix(self[keyPath: buffer], rows: chosen.count, columns: columns))
      }
    }
  }
}
