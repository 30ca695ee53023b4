import Checkpoints
import Transformers

/// Copies a model's weights tensor by tensor, so that a model larger than memory can be converted.
struct WeightCopy {
  private static let piece = 1 << 22

  let source: any TensorSource
  let tensors: [TensorInformation]

  /// All tensors that the architecture has, in its order; their names and shapes are checked first.
  init(_ model: ModelDirectory, elementType: ElementType) throws {
    let source = try model.weights()
    let stored = model.architecture.storedTensors(
      model.shape, head: model.isRewardModel ? .score : .language)
    let missing = stored.map(\.name).filter { source.information($0) == nil }
    guard missing.isEmpty else {
      throw ModelError.missingTensors(path: model.path, names: missing)
    }
    for tensor in stored {
      guard let found = source.information(tensor.name)?.shape, found == tensor.shape else {
        throw ModelError.wrongShape(
          path: model.path, tensor: tensor.name,
          found: source.information(tensor.name)?.shape ?? [], expected: tensor.shape)
      }
    }
    self.source = source
    tensors = stored.map {
      TensorInformation(name: $0.name, elementType: elementType, shape: $0.shape)
    }
  }

  /// Writes everything, and tells of each tensor that is done.
  func write(to folder: String, progress: (_ done: Int) -> Void) throws {
    let writer = try SafetensorsWriter(folder: folder, tensors: tensors)
    for (index, tensor) in tensors.enumerated() {
      var start = 0
      while start < tensor.elementCount {
        let end = min(tensor.elementCount, start + WeightCopy.piece)
        var values = [Float](repeating: 0, count: end - start)
        var span = values.mutableSpan
        try source.readFloats(tensor.name, elements: start..<end, into: &span)
        try writer.write(tensor.name, values.span)
        start = end
      }
      progress(index + 1)
    }
    _ = try writer.finish()
  }
}
