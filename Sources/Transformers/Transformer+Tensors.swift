extension Transformer {
  /// How many numbers a network and its adapter hold, told from the shape alone.
  public static func parameterCounts(
    _ shape: TransformerShape, head: Head, lowRank: LowRankConfiguration?
  ) -> (base: Int, adapter: Int) {
    func count(_ tensors: [(name: String, shape: [Int])]) -> Int {
      tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
    }
    return (
      count(baseTensors(shape, head: head, scoresInAdapter: lowRank != nil)),
      lowRank.map { count(adapterTensors(shape, head: head, $0)) } ?? 0
    )
  }

  /// The network's own tensors under Hugging Face's llama names, in a fixed order.
  static func baseTensors(
    _ shape: TransformerShape, head: Head, scoresInAdapter: Bool
  ) -> [(name: String, shape: [Int])] {
    var tensors: [(name: String, shape: [Int])] = [
      ("model.embed_tokens.weight", [shape.vocabularySize, shape.hiddenSize])
    ]
    for layer in 0..<shape.layerCount {
      tensors.append(("model.layers.\(layer).input_layernorm.weight", [shape.hiddenSize]))
      tensors.append(("model.layers.\(layer).post_attention_layernorm.weight", [shape.hiddenSize]))
      for projection in Projection.allCases {
        let path = projection.path(layer: layer)
        let size = projection.size(in: shape)
        tensors.append((path + ".weight", [size.outputs, size.inputs]))
        if projection.mayHaveBias, shape.hasQueryKeyValueBias {
          tensors.append((path + ".bias", [size.outputs]))
        }
      }
    }
    tensors.append(("model.norm.weight", [shape.hiddenSize]))
    switch head {
    case .language where !shape.tiesEmbeddings:
      tensors.append(("lm_head.weight", [shape.vocabularySize, shape.hiddenSize]))
    case .language: break
    case .score where scoresInAdapter: break
    case .score: tensors.append(("score.weight", [1, shape.hiddenSize]))
    }
    return tensors
  }

  /// The adapter's tensors under PEFT's names without its prefix.
  static func adapterTensors(
    _ shape: TransformerShape, head: Head, _ lowRank: LowRankConfiguration
  ) -> [(name: String, shape: [Int])] {
    var tensors: [(name: String, shape: [Int])] = []
    for layer in 0..<shape.layerCount {
      for projection in Projection.allCases where lowRank.adapts(projection) {
        let path = projection.path(layer: layer)
        let size = projection.size(in: shape)
        tensors.append((path + ".lora_A.weight", [lowRank.rank, size.inputs]))
        tensors.append((path + ".lora_B.weight", [size.outputs, lowRank.rank]))
      }
    }
    if head == .score { tensors.append(("score.weight", [1, shape.hiddenSize])) }
    return tensors
  }
}
