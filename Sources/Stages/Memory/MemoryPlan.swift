import Pipeline
import Transformers

/// How a training stage keeps within its memory: how many layers' activations are computed again instead of kept.
///
/// That changes no bit of a result. A smaller micro-batch would, and is left to the recipe.
struct MemoryPlan: Equatable {
  /// Counted from the first layer.
  var recomputedLayers: Int
  /// The predicted peak of one rank, in bytes.
  var bytes: Int
}

extension TrainingMemory {
  /// The plan that computes least again and fits; without a limit what the settings say.
  ///
  /// - Throws: `BadInput` with the smallest limit that works, where none fits.
  func plan() throws -> MemoryPlan {
    let least = settings.gradientCheckpointing ? shape.layerCount : 0
    let plans = (least...shape.layerCount).map {
      MemoryPlan(recomputedLayers: $0, bytes: bytes(recomputed: $0))
    }
    guard let limit = settings.memoryLimit else { return plans[0] }
    if let plan = plans.first(where: { $0.bytes <= limit.bytes }) { return plan }
    throw BadInput(shortage(limit, leanest: plans.min { $0.bytes < $1.bytes } ?? plans[0]))
  }

  private func shortage(_ limit: MemorySize, leanest: MemoryPlan) -> String {
    let enough = MemorySize(holding: leanest.bytes)
    let parts = parts(recomputed: leanest.recomputedLayers).filter { $0.bytes > 0 }.map {
      "\($0.name) \(MemorySize(holding: $0.bytes))"
    }.joined(separator: ", ")
    let samples = sampling.map { _ in ", kv_cache_memory_bytes and generation_batch_size" } ?? ""
    return
      "memory_limit is \(limit), and a rank needs \(enough) even if all layers are computed again: "
      + "memory_limit: \(enough) would be right (\(parts)). A smaller micro_batch_tokens than "
      + "\(settings.microBatchTokens)\(samples) would need less; micro_batch_tokens changes the last bits of "
      + "the result, and so it is not changed here"
  }
}
