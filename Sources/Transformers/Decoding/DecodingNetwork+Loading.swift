import Checkpoints
public import Kernels

extension ModelDirectory {
  /// The language model packed for decoding, without ever holding it in float32 as training does.
  ///
  /// Weights are kept in `format`; nil is the precision that `compute` multiplies in. Tokens' vectors and
  /// the output projection of an `int4` network are kept in 8 bits. Where a GGUF file has the very
  /// blocks of a format they are taken as they are.
  /// - Throws: `ModelError` naming the tensors; errors of the files.
  public func loadForDecoding(
    compute: Compute, format: PackedWeights.Format? = nil
  ) throws -> DecodingNetwork {
    let source = try weights()
    let stored = try Transformer.storedTensors(
      in: source, path: path, as: architecture, shape, .language, mayLackScore: false)
    let format = format ?? compute.decodingFormat
    let reader = ParameterReader(source: source, stored: stored, compute: compute)
    let ends = format == .int4 ? PackedWeights.Format.int8 : format
    let vocabulary = (rows: shape.vocabularySize, columns: shape.hiddenSize)
    func head() throws -> PackedWeights {
      try reader.packed(
        shape.tiesEmbeddings ? Transformer.embeddingName : "lm_head.weight", vocabulary, ends)
    }
    let output = try head()
    let embedding: DecodingNetwork.Embedding
    if compute.precision == .bfloat16 {
      // Training in bfloat16 reads tokens' vectors unrounded.
      embedding = .rows(try reader.rows(Transformer.embeddingName, vocabulary))
    } else if shape.tiesEmbeddings {
      embedding = .packed(output)
    } else {
      embedding = .packed(try reader.packed(Transformer.embeddingName, vocabulary, ends))
    }
    return DecodingNetwork(
      shape: shape, compute: compute,
      blocks: try (0..<shape.layerCount).map { try block($0, reader, format) },
      embedding: embedding, output: output,
      finalNorm: try reader.matrix("model.norm.weight", (1, shape.hiddenSize)))
  }

  private func block(
    _ layer: Int, _ reader: ParameterReader, _ format: PackedWeights.Format
  ) throws -> DecodingBlock {
    let path = "model.layers.\(layer)"
    return DecodingBlock(
      shape: shape,
      attentionNorm: try reader.matrix("\(path).input_layernorm.weight", (1, shape.hiddenSize)),
      feedForwardNorm: try reader.matrix(
        "\(path).post_attention_layernorm.weight", (1, shape.hiddenSize)),
      projections: try Projections { projection in
        let (path, size) = (projection.path(layer: layer), projection.size(in: shape))
        let hasBias = projection.mayHaveBias && shape.hasQueryKeyValueBias
        return DecodingLinear(
          weights: try reader.packed(path + ".weight", (size.outputs, size.inputs), format),
          bias: hasBias ? try reader.matrix(path + ".bias", (1, size.outputs)) : nil)
      })
  }
}
