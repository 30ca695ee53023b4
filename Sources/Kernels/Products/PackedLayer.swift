/// One of several products of an x that are shared out together: y = x · wᵀ, and a term of low rank.
public struct PackedLayer {
  /// scale · x · wᵀ, in float32 whatever the layer is kept in.
  public struct Term {
    /// [rows, rank].
    public var x: Matrix
    /// [outputs, rank], in float32.
    public var weights: PackedWeights
    public var scale: Float

    public init(_ x: Matrix, _ weights: PackedWeights, scale: Float) {
      (self.x, self.weights, self.scale) = (x, weights, scale)
    }

    func requireFit(_ rows: Int, _ outputs: Int) {
      x.requireShape(rows, weights.inputs, "what is added")
      precondition(
        weights.format == .float32 && weights.outputs == outputs,
        "a term of \(weights.outputs) outputs in \(weights.format) beside \(outputs)")
    }

    /// Some rows of the left side.
    func rows(_ rows: Range<Int>) -> LeftBlock {
      let rank = weights.inputs
      return LeftBlock(
        start: x.pointer + rows.lowerBound &* rank, rows: rows.count, rowStride: rank,
        depth: rank, isPacked: false)
    }

    func panel(_ index: Int) -> UnsafeMutablePointer<Float> {
      weights.panel(index).assumingMemoryBound(to: Float.self)
    }
  }

  public var weights: PackedWeights
  /// [rows, outputs].
  public var result: Matrix
  public var term: Term?

  public init(_ weights: PackedWeights, into result: Matrix, adding term: Term? = nil) {
    (self.weights, self.result, self.term) = (weights, result, term)
  }
}
