public import Checkpoints
public import Kernels
import Pipeline
public import Transformers

/// How far a model with an adapter merged in is from the base with the adapter beside it.
public struct AdapterProof: Sendable {
  /// Tensors that the adapter is of, and that differ from the base's.
  public var changed: Int
  /// The largest difference of two logits on the probes, and the largest logit.
  public var difference: Float
  public var largest: Float
  /// On how many probes the most likely token is the same.
  public var agreeing: Int
  public var probes: Int

  /// What a difference may be: the rounding of stored weights, by their type, as a share of the largest logit.
  public static func bound(_ type: ElementType) -> Float {
    switch type {
    case .bfloat16: 0.05
    case .float16: 0.01
    default: 1e-4
    }
  }

  public func isWithin(_ type: ElementType) -> Bool { difference <= Self.bound(type) * largest }

  /// Compares two networks on sequences of tokens spread over the vocabulary.
  public init(_ model: Transformer, _ other: Transformer, changed: Int) {
    let size = min(model.shape.vocabularySize, other.shape.vocabularySize)
    let length = min(12, model.shape.maximumPosition, other.shape.maximumPosition)
    let prompts = (0..<4).map { probe in
      (0..<max(1, length)).map { Int32(($0 * 7919 + probe * 104_729 + 1) % size) }
    }
    let (first, second) = (model.logits(after: prompts), other.logits(after: prompts))
    self.changed = changed
    probes = prompts.count
    difference = 0
    largest = 0
    agreeing = 0
    for row in prompts.indices {
      var (best, otherBest) = (0, 0)
      for column in 0..<size {
        let (value, expected) = (first[row, column], second[row, column])
        difference = max(difference, abs(value - expected))
        largest = max(largest, abs(expected))
        if value > first[row, best] { best = column }
        if expected > second[row, otherBest] { otherBest = column }
      }
      if best == otherBest { agreeing += 1 }
    }
  }
}

/// A base with an adapter beside its weights, as it was trained: `y = Wx + s·B(Ax)`.
public enum AdapterForward {
  /// Nil of adapters that change what only a merge can: the output projection, or fused layers.
  ///
  /// Ranks that differ are filled up with zeros.
  public static func load(
    base: ModelDirectory, adapter: AdapterDirectory, compute: Compute
  ) throws -> Transformer? {
    let rank = adapter.modules.map(\.rank).max() ?? 1
    var targets: [String] = []
    for module in adapter.modules {
      let name = String(module.path.split(separator: ".").last ?? "")
      if !targets.contains(name) { targets.append(name) }
    }
    guard !targets.isEmpty else { return nil }
    let transformer = try base.load(
      head: .language,
      lowRank: LowRankConfiguration(rank: rank, alpha: Double(rank), targets: targets),
      compute: compute, initializationSeed: nil)
    let modules = transformer.adapterModules(as: base.architecture)
    guard
      adapter.modules.allSatisfy({ own in
        modules.contains { $0.path == own.path && $0.partCount == 1 }
      })
    else { return nil }
    for module in modules where module.partCount == 1 {
      let (down, up) = transformer.matrices(of: module)
      var (a, b) = (
        [Float](repeating: 0, count: down.count), [Float](repeating: 0, count: up.count)
      )
      if let own = adapter.modules.first(where: { $0.path == module.path }) {
        let (ownA, ownB) = (
          try adapter.tensors.floats(own.aKey), try adapter.tensors.floats(own.bKey)
        )
        a.replaceSubrange(0..<ownA.count, with: ownA)
        let scale = Float(try adapter.scale(of: own))
        for row in 0..<own.outputs {
          for inner in 0..<own.rank { b[row * rank + inner] = scale * ownB[row * own.rank + inner] }
        }
      }
      down.buffer.copy(from: a, at: down.offset)
      up.buffer.copy(from: b, at: up.offset)
    }
    for (name, key) in adapter.wholeTensors {
      guard let target = transformer.parameter(name) else { return nil }
      target.buffer.copy(from: try adapter.tensors.floats(key), at: target.offset)
    }
    transformer.roundCopies()
    return transformer
  }

  /// How many of the tensors that an adapter is of a model has otherwise than the base.
  ///
  /// - Throws: `BadInput` naming the first that is the same though the adapter changes it.
  public static func changedCount(
    base: ModelDirectory, merged: ModelDirectory, adapter: AdapterDirectory
  ) throws -> Int {
    let (old, new) = (try base.weights(), try merged.weights())
    var count = 0
    for module in adapter.modules {
      let name = module.path + ".weight"
      guard new.information(name) != nil, old.information(name) != nil else { continue }
      let changes = try adapter.tensors.floats(module.bKey).contains { $0 != 0 }
      if try new.floats(name) != old.floats(name) {
        count += 1
      } else if changes, new.information(name)?.elementType == .float32 {
        throw BadInput("\(merged.path): \(name) is the base's, though the adapter changes it")
      }
    }
    return count
  }
}
