import Kernels

/// Where a block's gradients go; what is nil stays frozen.
struct BlockGradients {
  var attentionNorm: Matrix?
  var feedForwardNorm: Matrix?
  var projections: Projections<Linear.Gradients>

  subscript(_ path: KeyPath<Projections<Linear.Gradients>, Linear.Gradients>) -> Linear.Gradients {
    projections[keyPath: path]
  }

  /// The places of block `layer` in `gradients`, a buffer laid out as `parameters`.
  init(layer: Int, of parameters: ParameterSet, in gradients: FloatBuffer) {
    func place(_ name: String) -> Matrix? {
      parameters.slot(name).map { parameters.view(of: $0, in: gradients) }
    }
    attentionNorm = place("model.layers.\(layer).input_layernorm.weight")
    feedForwardNorm = place("model.layers.\(layer).post_attention_layernorm.weight")
    projections = Projections { projection in
      let path = projection.path(layer: layer)
      return Linear.Gradients(
        weight: place(path + ".weight"), bias: place(path + ".bias"),
        down: place(path + ".lora_A.weight"), up: place(path + ".lora_B.weight"))
    }
  }
}
