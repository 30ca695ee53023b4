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
    precondition(transformer.output != nil, "a reward model has no logits")
    let memory = WeightMemory()
    func packed(_ name: String) -> PackedWeights {
      compute.packed(transformer.stored(name), as: format, in: memory)
    }
    let head = packed(transformer.headName)
    self.init(
      shape: transformer.shape, compute: compute,
      blocks: transformer.blocks.enumerated().map { layer, block in
        DecodingBlock(
          shape: block.shape, attentionNorm: compute.copied(block.attentionNorm),
          feedForwardNorm: compute.copied(block.feedForwardNorm),
          projections: Projections { projection in
            let linear = block.projections[projection]
            return DecodingLinear(
              weights: packed(projection.path(layer: layer) + ".weight"),
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

  /// Of numbers that are bfloat16 already 32 bits hold no more.
  fileprivate func packed(
    _ weights: WeightMatrix, as format: PackedWeights.Format, in memory: WeightMemory
  ) -> PackedWeights {
    if case .bfloat16 = weights, format == .float32 {
      return pack(weights, as: .bfloat16, in: memory)
    }
    return pack(weights, as: format, in: memory)
  }

  fileprivate func copied(_ matrix: Matrix) -> Matrix {
    let copy = Matrix(rows: matrix.rows, columns: matrix.columns)
    self.copy(matrix, to: copy)
    return copy
  }
}
