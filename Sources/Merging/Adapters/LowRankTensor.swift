import Checkpoints
import Synchronization

/// A weight with an adapter's change: `W + s·B·A`, summed in Double and rounded once to float32.
struct LowRankTensor: DerivedTensor {
  let name: String
  let shape: [Int]
  /// Where W is, and under which name.
  let source: any TensorSource
  let key: String
  let adapter: any TensorSource
  let module: AdapterDirectory.Module
  let scale: Double
  /// A, which every row needs all of.
  let down = HeldTensor()

  var identity: [String] {
    ["\(name): \(scale) times \(module)"] + adapter.identity + source.identity
  }

  func read(_ elements: Range<Int>, into floats: inout MutableSpan<Float>) throws {
    try source.readFloats(key, elements: elements, into: &floats)
    guard !elements.isEmpty else { return }
    let (columns, rank) = (module.inputs, module.rank)
    let rows = elements.lowerBound / columns..<(elements.upperBound - 1) / columns + 1
    let down = try down.values { try adapter.floats(module.aKey) }
    var up = [Float](repeating: 0, count: rows.count * rank)
    var span = up.mutableSpan
    try adapter.readFloats(
      module.bKey, elements: rows.lowerBound * rank..<rows.upperBound * rank, into: &span)
    var change = [Double](repeating: 0, count: columns)
    for row in rows {
      for column in 0..<columns { change[column] = 0 }
      for inner in 0..<rank {
        let factor = Double(up[(row - rows.lowerBound) * rank + inner])
        let start = inner * columns
        for column in 0..<columns { change[column] += factor * Double(down[start + column]) }
      }
      let first = max(elements.lowerBound, row * columns)
      let last = min(elements.upperBound, (row + 1) * columns)
      for index in first..<last {
        let place = index - elements.lowerBound
        floats[place] = Float(Double(floats[place]) + scale * change[index - row * columns])
      }
    }
  }

  func release() {
    down.drop()
    for key in [module.aKey, module.bKey] { adapter.release(key) }
    source.release(key)
  }

  func prefetch() {
    for key in [module.aKey, module.bKey] { adapter.prefetch(key) }
    source.prefetch(key)
  }
}

/// A small tensor that is kept from the first stretch of a larger one to the last.
///
/// Stretches are read by several threads: the first reads, the others wait and find it.
final class HeldTensor: Sendable {
  private let held = Mutex<[Float]?>(nil)

  func values(_ read: () throws -> [Float]) throws -> [Float] {
    try held.withLock { held in
      if let held { return held }
      let values = try read()
      held = values
      return values
    }
  }

  func drop() { held.withLock { $0 = nil } }
}

extension OpenedModel {
  /// This model with an adapter added to its weights, under the name of both.
  ///
  /// - Throws: `CheckpointError` for an adapter of another model.
  func adapted(by adapter: AdapterDirectory, name: String) throws -> OpenedModel {
    var model = OpenedModel(
      name: name, config: config, companions: companions, weights: weights)
    model.storedTypes = storedTypes
    model.history = history
    let changed = adapter.modules.map { $0.path + ".weight" } + adapter.wholeTensors.map(\.name)
    // An adapter of a tied projection changes the projection and not the embedding.
    if changed.contains(Self.projection) { model.untie() }
    var tensors: [any DerivedTensor] = []
    for module in adapter.modules {
      let key = module.path + ".weight"
      guard let found = model.weights.information(key) else {
        throw Self.mismatch(adapter, key, found: "an adapter of it", model.weights, self.name)
      }
      guard found.shape == [module.outputs, module.inputs] else {
        throw CheckpointError.content(
          path: adapter.path, key: module.path, found: "[\(module.outputs), \(module.inputs)]",
          expected: "\(found.shape), as \(self.name) has it")
      }
      tensors.append(
        LowRankTensor(
          name: key, shape: found.shape, source: model.weights, key: key,
          adapter: adapter.tensors, module: module, scale: try adapter.scale(of: module)))
    }
    for (name, key) in adapter.wholeTensors {
      let found = model.weights.information(name)
      guard let found, let own = adapter.tensors.information(key), own.shape == found.shape else {
        throw Self.mismatch(adapter, name, found: "the tensor", model.weights, self.name)
      }
      tensors.append(BorrowedTensor(name: name, source: adapter.tensors, key: key))
    }
    model.replace(tensors)
    return model
  }

  private static func mismatch(
    _ adapter: AdapterDirectory, _ name: String, found: String, _ weights: any TensorSource,
    _ model: String
  ) -> CheckpointError {
    .content(
      path: adapter.path, key: name, found: found,
      expected: "tensors that \(model) has; this adapter was made for another model")
  }
}
