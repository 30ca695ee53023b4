import Pipeline
import Transformers

/// How a training stage keeps within its memory: how many layers' activations are computed again instead of kept, and how many
/// answers are drawn at once.
///
/// Neither changes a bit of a result. A smaller micro-batch would, and is left to the recipe.
struct MemoryPlan: Equatable {
  /// Counted from the first layer.
  var recomputedLayers: Int
  /// The predicted peak of one rank, in bytes.
  var bytes: Int
  /// What keys and values may take while answers are drawn, where the limit leaves less than they would; in bytes.
  var cacheBytes: Int?
}

extension TrainingMemory {
  /// The plan that computes least again and fits; without a limit what the settings say.
  ///
  /// - Throws: `BadInput` with the smallest limit that works, where none fits.
  func plan() throws -> MemoryPlan {
    let least = settings.gradientCheckpointing ? shape.layerCount : 0
    let memory = settings.memoryLimit.map { withCache(within: $0.bytes) } ?? self
    let cache = memory.sampling == sampling ? nil : memory.sampling?.cacheLimit
    let plans = (least...shape.layerCount).map {
      MemoryPlan(
        recomputedLayers: $0, bytes: memory.bytes(recomputed: $0), cacheBytes: cache)
    }
    guard let limit = settings.memoryLimit else { return plans[0] }
    if let plan = plans.first(where: { $0.bytes <= limit.bytes }) { return plan }
    throw BadInput(
      memory.shortage(limit, leanest: plans.min { $0.bytes < $1.bytes } ?? plans[0]))
  }

  /// With less for keys and values where sampling would not fit otherwise, down to what one sequence needs.
  private func withCache(within limit: Int) -> TrainingMemory {
    guard let sampling else { return self }
    // The last part is the larger one of activations and sampling.
    let others = parts(recomputed: shape.layerCount).dropLast().reduce(0) { $0 + $1.bytes }
    let excess = others + bytes(sampling) - limit
    let cache = sampling.cacheBytes(shape)
    let lowered = max(cache - excess, sampling.leastCacheBytes(shape))
    guard excess > 0, lowered < cache else { return self }
    var memory = self
    memory.sampling?.cacheLimit = lowered
    return memory
  }

  private func shortage(_ limit: MemorySize, leanest: MemoryPlan) -> String {
    let enough = MemorySize(holding: leanest.bytes)
    let parts = parts(recomputed: leanest.recomputedLayers).filter { $0.bytes > 0 }.map {
      "\($0.name) \(MemorySize(holding: $0.bytes))"
    }.joined(separator: ", ")
    let samples = sampling.map { _ in " and generation_batch_size" } ?? ""
    let drawn = sampling.map { _ in " and answers are drawn one by one" } ?? ""
    return
      "memory_limit is \(limit), and a rank needs \(enough) even if all layers are computed again\(drawn): "
      + "memory_limit: \(enough) would be right (\(parts)). A smaller micro_batch_tokens than "
      + "\(settings.microBatchTokens)\(samples) would need less; micro_batch_tokens changes the last bits of "
      + "the result, and so it is not changed here"
  }
}
