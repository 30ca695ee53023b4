import Checkpoints
import Kernels
import Pipeline
import Transformers

/// Adds a PEFT adapter's changes to the weights of its base: `W + s·B·A`, in float32.
struct AdapterMerging {
  let adapter: AdapterDirectory

  /// The modules are those of the architecture's checkpoints: a fused one changes several layers.
  func apply(to transformer: Transformer, as architecture: any Architecture) throws {
    let stored = architecture.storedTensors(transformer.shape, head: transformer.head)
    for module in adapter.modules {
      let name = module.path + ".weight"
      let own = transformer.parameter(name).map { StoredTensor(name, shape: $0.shape) }
      guard let tensor = stored.first(where: { $0.name == name }) ?? own else {
        throw missing(name)
      }
      try check(
        tensor.shape == [module.outputs, module.inputs], module.path,
        found: [module.outputs, module.inputs], expected: tensor.shape)
      let down = Matrix(
        rows: module.rank, columns: module.inputs,
        values: try adapter.tensors.floats(module.aKey))
      let up = Matrix(
        rows: module.outputs, columns: module.rank,
        values: try adapter.tensors.floats(module.bKey))
      transformer.merge(
        down: down, up: up, scale: Float(try adapter.scale(of: module)), into: tensor)
    }
    for (name, key) in adapter.wholeTensors {
      let target = try parameter(name, of: transformer)
      let values = try adapter.tensors.floats(key)
      try check(
        values.count == target.count, name, found: [values.count], expected: [target.count])
      target.buffer.copy(from: values, at: target.offset)
    }
    transformer.roundCopies()
  }

  private func parameter(_ name: String, of transformer: Transformer) throws -> Matrix {
    guard let parameter = transformer.parameter(name) else { throw missing(name) }
    return parameter
  }

  private func missing(_ name: String) -> ModelError {
    .adapterMismatch(
      path: adapter.path, reason: "the base has no \(name), which the adapter changes")
  }

  private func check(_ isRight: Bool, _ name: String, found: [Int], expected: [Int]) throws {
    guard isRight else {
      throw ModelError.adapterMismatch(
        path: adapter.path,
        reason: "\(name) has the shape \(found) in the adapter, where the base has \(expected)")
    }
  }
}
