import Checkpoints
import Kernels
import Pipeline
import Transformers

/// Adds a PEFT adapter's changes to the weights of its base: `W + s·B·A`, in float32.
struct AdapterMerging {
  let adapter: AdapterDirectory

  func apply(to transformer: Transformer) throws {
    let configuration = adapter.configuration
    guard configuration.alphaPattern.isEmpty else {
      throw CheckpointError.unsupportedAdapter(
        path: adapter.path, key: "alpha_pattern", found: "set", supported: "one lora_alpha is")
    }
    for module in adapter.modules {
      let weight = try parameter(module.path + ".weight", of: transformer)
      try check(
        weight.shape == [module.outputs, module.inputs], module.path,
        found: [module.outputs, module.inputs], expected: weight.shape)
      let down = Matrix(
        rows: module.rank, columns: module.inputs,
        values: try adapter.tensors.floats(module.aKey))
      let up = Matrix(
        rows: module.outputs, columns: module.rank,
        values: try adapter.tensors.floats(module.bKey))
      let scale = configuration.scale(rank: module.rank, alpha: configuration.loraAlpha)
      transformer.compute.multiply(
        up, down, into: weight, scale: Float(scale), accumulating: true)
    }
    for (name, key) in adapter.wholeTensors {
      let target = try parameter(name, of: transformer)
      let values = try adapter.tensors.floats(key)
      try check(
        values.count == target.count, name, found: [values.count], expected: [target.count])
      target.buffer.copy(from: values, at: target.offset)
    }
  }

  private func parameter(_ name: String, of transformer: Transformer) throws -> Matrix {
    guard let parameter = transformer.parameter(name) else {
      throw ModelError.adapterMismatch(
        path: adapter.path, reason: "the base has no \(name), which the adapter changes")
    }
    return parameter
  }

  private func check(_ isRight: Bool, _ name: String, found: [Int], expected: [Int]) throws {
    guard isRight else {
      throw ModelError.adapterMismatch(
        path: adapter.path,
        reason: "\(name) has the shape \(found) in the adapter, where the base has \(expected)")
    }
  }
}
