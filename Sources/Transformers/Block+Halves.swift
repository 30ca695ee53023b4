import Kernels

extension Block {
  /// The widest activations while they wait for the way back of a pass in bfloat16: two bytes a number.
  ///
  /// Products round them anyway; what else reads them there (the way back of SwiGLU, and the pull on attention's scores)
  /// then reads them as autocast would have kept them. Queries, keys and sums stay as they are.
  struct Halves {
    private let attended: RoundedMatrix
    private let gate: RoundedMatrix
    private let up: RoundedMatrix

    /// Those of a pass.
    init(_ activations: Activations, in arena: Arena, _ compute: Compute) {
      func rounded(_ x: Matrix) -> RoundedMatrix {
        let room = arena.matrix(rows: 1, columns: RoundedMatrix.roomCount(x.count))
        let halves = RoundedMatrix(rows: x.rows, columns: x.columns, in: room)
        compute.round(x, into: halves)
        return halves
      }
      attended = rounded(activations.attended)
      gate = rounded(activations.gate)
      up = rounded(activations.up)
    }

    /// The same activations with these in room of the arena.
    func widened(_ activations: Activations, in arena: Arena, _ compute: Compute) -> Activations {
      func widened(_ x: RoundedMatrix) -> Matrix {
        let matrix = arena.matrix(rows: x.rows, columns: x.columns)
        compute.widen(x, into: matrix)
        return matrix
      }
      var activations = activations
      activations.attended = widened(attended)
      activations.gate = widened(gate)
      activations.up = widened(up)
      return activations
    }
  }
}

extension Block.Activations {
  /// What `Halves` makes of them, in place: for those that are computed again, or were recorded.
  func round(_ compute: Compute) {
    for matrix in [attended, gate, up] { compute.round(matrix) }
  }
}
