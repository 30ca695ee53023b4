import Kernels
import Transformers

/// What drawing answers takes beside the network that is trained, if one is: its weights once more, packed, and the cache.
struct SamplingMemory: Equatable {
  /// Sequences that are continued at once, on one rank.
  var sequences: Int
  var samplesPerPrompt: Int
  var promptLength: Int
  var newTokens: Int
  /// The most that keys and values may take, in bytes.
  var cacheLimit: Int?
  /// What weights are kept in; nil is the precision that the network computes in.
  var format: PackedWeights.Format?

  /// In bytes; `weights` counts numbers.
  func bytes(_ shape: TransformerShape, weights: Int, _ settings: TrainingSettings) -> Int {
    packedBytes(shape, weights, settings) + cacheBytes(shape) + passBytes(shape)
  }

  /// What a pass over prompts writes, and the logits of a token.
  private func passBytes(_ shape: TransformerShape) -> Int {
    // A pass over prompts has at most 2048 rows, or a prompt's.
    let rows = max(sequences, min(2048, promptLength * prompts), promptLength)
    let perRow =
      3 * shape.hiddenSize + 2 * shape.queryWidth + 2 * shape.keyValueWidth
      + 2 * shape.intermediateSize
    return 4 * (rows * perRow + sequences * shape.vocabularySize)
  }

  /// Scales count with the numbers that share them; the vocabulary's matrices are kept in 8 bits at least.
  private func packedBytes(
    _ shape: TransformerShape, _ weights: Int, _ settings: TrainingSettings
  ) -> Int {
    switch format ?? (settings.bf16 ? .bfloat16 : .float32) {
    case .float32: return 4 * weights
    case .bfloat16: return 2 * weights
    case .int8: return weights * 17 / 16
    case .int4:
      let table = shape.vocabularySize * shape.hiddenSize * (shape.tiesEmbeddings ? 1 : 2)
      return (weights - table) * 5 / 8 + table * 17 / 16
    }
  }

  private var prompts: Int { (sequences + samplesPerPrompt - 1) / max(samplesPerPrompt, 1) }

  /// Whole pages of a prompt, which its samples share, and those that each has of its own.
  private func pages(_ shape: TransformerShape) -> (shared: Int, own: Int) {
    let page = KeyValueCache.pagePositions
    let shared = promptLength / page
    let longest = min(promptLength + newTokens - 1, shape.maximumPosition)
    return (shared, (longest + page - 1) / page - shared)
  }

  /// What keys and values take, in bytes.
  func cacheBytes(_ shape: TransformerShape) -> Int {
    let (shared, own) = pages(shape)
    let bytes = (prompts * shared + sequences * own) * shape.cachePageBytes
    return min(bytes, cacheLimit ?? bytes)
  }

  /// The least that their limit may be: what the longest sequence needs to begin, while other samples of its prompt wait.
  func leastCacheBytes(_ shape: TransformerShape) -> Int {
    let (shared, own) = pages(shape)
    return (shared + own + (samplesPerPrompt > 1 ? 1 : 0)) * shape.cachePageBytes
  }
}

extension SamplingMemory {
  /// Of answers to prompts that ranks share and that are asked together, the longest of so many tokens.
  init(_ settings: SamplingSettings, prompts: Int, promptLength: Int, ranks: Int) {
    let drawn = (prompts + ranks - 1) / ranks * settings.numGenerations
    self.init(
      sequences: min(settings.generationBatchSize, drawn),
      samplesPerPrompt: settings.numGenerations, promptLength: promptLength,
      newTokens: settings.completionLimit, cacheLimit: settings.kvCacheMemoryBytes?.bytes,
      format: settings.weights)
  }
}
