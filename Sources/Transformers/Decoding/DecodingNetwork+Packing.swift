public import Kernels

extension DecodingNetwork {
  /// A network in memory as it is now, packed for decoding.
  ///
  /// Weights are kept in `format`; nil is the precision that the network computes in. Tokens' vectors are
  /// those of the network itself unless the format holds them exactly: training reads them unrounded.
  /// It is good until the network's weights change.
  public convenience init(_ transformer: Transformer, format: PackedWeights.Format? = nil) {
    let compute = transformer.compute
    let format = format ?? compute.decodingFormat
    guard let output = transformer.output else {
      preconditionFailure("a reward model has no logits")
    }
    let memory = PackedMemory()
    let head = compute.pack(output, as: format, in: memory)
    self.init(
      shape: transformer.shape, compute: compute,
      blocks: transformer.blocks.map { block in
        DecodingBlock(
          shape: block.shape, attentionNorm: compute.copied(block.attentionNorm),
          feedForwardNorm: compute.copied(block.feedForwardNorm),
          projections: block.projections.map { linear in
            DecodingLinear(
              weights: compute.pack(linear.weight, as: format, in: memory),
              bias: linear.bias.map(compute.copied),
              adapter: linear.adapter.map { adapter in
                (
                  compute.pack(adapter.down, as: .float32, in: memory),
                  compute.pack(adapter.up, as: .float32, in: memory), adapter.scale
                )
              })
          })
      },
      embedding: transformer.shape.tiesEmbeddings && format == .float32
        ? .packed(head) : .rows(transformer.embedding),
      output: head, finalNorm: compute.copied(transformer.finalNorm))
  }
}

extension Compute {
  /// What weights are kept in for decoding, unless something smaller is asked for.
  var decodingFormat: PackedWeights.Format { precision == .bfloat16 ? .bfloat16 : .float32 }

  fileprivate func copied(_ matrix: Matrix) -> Matrix {
    let copy = Matrix(rows: matrix.rows, columns: matrix.columns)
    self.copy(matrix, to: copy)
    return copy
  }
}
