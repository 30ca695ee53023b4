/// 360Zhinao (arXiv:2405.13386): llama with one fused projection for queries, keys and values.
///
/// `qkv_proj` is interleaved per key-value group, as Megatron does: of each group's `g + 2` slots of
/// `head_dim` rows the first `g` are query heads, then come the key head and the value head. It has
/// the only bias.
public struct ZhinaoArchitecture: Architecture {
  public init() {}

  public var modelTypes: [String] { ["zhinao"] }

  public func shape(_ configuration: ModelConfiguration) throws -> TransformerShape {
    try TransformerShape(configuration, hasQueryKeyValueBias: true)
  }

  public func storedTensors(
    _ shape: TransformerShape, head: Transformer.Head
  ) -> [StoredTensor] {
    let separate: [Projection] = [.query, .key, .value]
    var stored: [StoredTensor] = []
    for tensor in Transformer.baseTensors(shape, head: head, scoresInAdapter: false) {
      guard let layer = Int(tensor.name.split(separator: ".").dropFirst(2).first ?? "") else {
        stored.append(StoredTensor(tensor.name, shape: tensor.shape))
        continue
      }
      if tensor.name == Projection.query.path(layer: layer) + ".weight" {
        stored.append(fused("weight", layer, shape, [shape.hiddenSize]))
      } else if tensor.name == Projection.query.path(layer: layer) + ".bias" {
        stored.append(fused("bias", layer, shape, []))
      } else if !separate.contains(where: {
        tensor.name.hasPrefix($0.path(layer: layer) + ".")
      }) {
        stored.append(StoredTensor(tensor.name, shape: tensor.shape))
      }
    }
    return stored
  }

  public func className(_ head: Transformer.Head) -> String {
    head == .score ? "ZhinaoForSequenceClassification" : "ZhinaoForCausalLM"
  }

  private func fused(
    _ kind: String, _ layer: Int, _ shape: TransformerShape, _ innerShape: [Int]
  ) -> StoredTensor {
    let heads = shape.queryHeads / shape.keyValueHeads
    let width = shape.headDimension
    var blocks: [StoredTensor.Block] = []
    func append(_ projection: Projection, count: Int, from row: Int) {
      let start = blocks.last?.rows.upperBound ?? 0
      blocks.append(
        StoredTensor.Block(
          rows: start..<start + count * width,
          parameter: projection.path(layer: layer) + "." + kind, parameterRow: row * width))
    }
    for group in 0..<shape.keyValueHeads {
      append(.query, count: heads, from: group * heads)
      append(.key, count: 1, from: group)
      append(.value, count: 1, from: group)
    }
    return StoredTensor(
      name: "model.layers.\(layer).self_attn.qkv_proj." + kind,
      shape: [shape.queryWidth + 2 * shape.keyValueWidth] + innerShape, blocks: blocks)
  }
}
