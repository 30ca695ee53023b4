import Kernels
import Transformers

/// What drawing answers takes beside the network that is trained: its weights once more, packed, and the cache.
struct SamplingMemory: Equatable {
  /// Sequences that are continued at once, on one rank.
  var sequences: Int
  var samplesPerPrompt: Int
  var promptLength: Int
  var newTokens: Int
  /// The most that keys and values may take, in bytes.
  var cacheLimit: Int?

  /// In bytes, of which the packed weights take `packed`.
  func bytes(_ shape: TransformerShape, packed: Int) -> Int {
    // A pass over prompts has at most 2048 rows, or a prompt's.
    let rows = max(sequences, min(2048, promptLength * prompts), promptLength)
    let perRow =
      3 * shape.hiddenSize + 2 * shape.queryWidth + 2 * shape.keyValueWidth
      + 2 * shape.intermediateSize
    let arena = rows * perRow + sequences * shape.vocabularySize
    return packed + cacheBytes(shape) + 4 * arena
  }

  private var prompts: Int { (sequences + samplesPerPrompt - 1) / max(samplesPerPrompt, 1) }

  /// Whole pages of a prompt are kept once for its samples.
  private func cacheBytes(_ shape: TransformerShape) -> Int {
    let page = KeyValueCache.pagePositions
    let shared = promptLength / page
    let longest = min(promptLength + newTokens - 1, shape.maximumPosition)
    let own = (longest + page - 1) / page - shared
    let bytes = (prompts * shared + sequences * own) * shape.cachePageBytes
    return min(bytes, cacheLimit ?? bytes)
  }
}
