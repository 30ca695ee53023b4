/// The linear layers of a block, under the names that checkpoints and adapters use.
public enum Projection: String, CaseIterable, Sendable {
  case query = "q_proj"
  case key = "k_proj"
  case value = "v_proj"
  case output = "o_proj"
  case gate = "gate_proj"
  case up = "up_proj"
  case down = "down_proj"

  /// The layer's full name in block `layer`, without `.weight`.
  public func path(layer: Int) -> String {
    switch self {
    case .query, .key, .value, .output: "model.layers.\(layer).self_attn.\(rawValue)"
    case .gate, .up, .down: "model.layers.\(layer).mlp.\(rawValue)"
    }
  }

  /// Output and input width.
  public func size(in shape: TransformerShape) -> (outputs: Int, inputs: Int) {
    switch self {
    case .query: (shape.queryWidth, shape.hiddenSize)
    case .key, .value: (shape.keyValueWidth, shape.hiddenSize)
    case .output: (shape.hiddenSize, shape.queryWidth)
    case .gate, .up: (shape.intermediateSize, shape.hiddenSize)
    case .down: (shape.hiddenSize, shape.intermediateSize)
    }
  }

  public var mayHaveBias: Bool {
    switch self {
    case .query, .key, .value: true
    case .output, .gate, .up, .down: false
    }
  }
}
