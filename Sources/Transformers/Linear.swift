import Kernels

/// One linear layer, `y = xWᵀ + b`, with a low-rank adapter beside it where there is one.
struct Linear {
  struct Adapter {
    /// A [rank, inputs] and B [outputs, rank].
    var down: Matrix
    var up: Matrix
    var scale: Float
  }

  /// The gradients that are wanted; what is nil stays frozen.
  struct Gradients {
    var weight: Matrix?
    var bias: Matrix?
    var down: Matrix?
    var up: Matrix?
  }

  /// [outputs, inputs], as PyTorch stores it.
  var weight: WeightMatrix
  /// [1, outputs].
  var bias: Matrix?
  var adapter: Adapter?

  /// `y` [rows, outputs] from `x` [rows, inputs].
  func forward(_ x: Matrix, into y: Matrix, _ pass: PassContext) {
    let mark = pass.arena.mark
    var term: LowRankTerm?
    if pass.usesAdapter, let adapter {
      let reduced = pass.arena.matrix(rows: x.rows, columns: adapter.down.rows)
      pass.compute.exact.multiply(x, transposed: adapter.down, into: reduced)
      term = LowRankTerm(reduced, adapter.up, scale: adapter.scale)
    }
    pass.compute.multiply(x, transposed: weight, into: y, adding: term)
    if let bias { pass.compute.addBias(bias, to: y) }
    pass.arena.reset(to: mark)
  }

  /// The gradient in `x`, and those of the parameters added to `gradients`.
  ///
  /// The adapter's inner activation is computed again: that costs rank/outputs of the layer's product,
  /// and keeping it for every layer would cost memory.
  func backward(
    _ dy: Matrix, x: Matrix, into dx: Matrix, accumulating: Bool = false, _ gradients: Gradients,
    _ pass: PassContext
  ) {
    let compute = pass.compute
    let mark = pass.arena.mark
    let term = backwardAdapter(dy, x: x, gradients, pass)
    compute.multiply(dy, weight, into: dx, accumulating: accumulating, adding: term)
    if let target = gradients.weight {
      compute.multiply(transposed: dy, x, into: target, accumulating: true)
    }
    if let target = gradients.bias { compute.biasGradient(dy, into: target) }
    pass.arena.reset(to: mark)
  }

  /// Adds the gradients of the adapter's matrices; gives its part of the gradient in `x`.
  private func backwardAdapter(
    _ dy: Matrix, x: Matrix, _ gradients: Gradients, _ pass: PassContext
  ) -> LowRankTerm? {
    guard pass.usesAdapter, let adapter else { return nil }
    let exact = pass.compute.exact
    let inner = pass.arena.matrix(rows: dy.rows, columns: adapter.down.rows)
    if let target = gradients.up {
      exact.multiply(x, transposed: adapter.down, into: inner)
      exact.multiply(
        transposed: dy, inner, into: target, scale: adapter.scale, accumulating: true)
    }
    exact.multiply(dy, adapter.up, into: inner, scale: adapter.scale)
    if let target = gradients.down {
      exact.multiply(transposed: inner, x, into: target, accumulating: true)
    }
    return LowRankTerm(inner, adapter.down)
  }
}

/// What every layer of one pass shares.
struct PassContext {
  var compute: Compute
  var arena: Arena
  /// Off when the network stands for the reference, which is the base without its adapter.
  var usesAdapter: Bool
  /// Where a block's widest activations go that are not kept as they are; nil: to `arena`.
  var wideArena: Arena?
}
