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
  /// Tokens whose activations are kept for the step that learns from them; nil where none are.
  var recordedRows: Int?

  /// In bytes, of which the packed weights take `packed`, and the activations of a recorded token `perRow`.
  func bytes(_ shape: TransformerShape, packed: Int, perRow: Int = 0) -> Int {
    packed + cacheBytes(shape) + passBytes(shape) + (recordedRows ?? 0) * perRow
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
