import Kernels

/// The sizes of a decoder-only transformer in the llama family.
public struct TransformerShape: Sendable, Equatable {
  public var vocabularySize: Int
  public var hiddenSize: Int
  public var intermediateSize: Int
  public var layerCount: Int
  public var queryHeads: Int
  public var keyValueHeads: Int
  public var headDimension: Int
  public var normEpsilon: Float
  public var rotary: RotaryConfiguration
  public var maximumPosition: Int
  /// Whether the output projection is the embedding table.
  public var tiesEmbeddings: Bool
  /// Whether the query, key and value projections have biases (qwen2, zhinao).
  public var hasQueryKeyValueBias: Bool
  /// The standard deviation of freshly initialised weights.
  public var initializerRange: Double

  public init(
    vocabularySize: Int, hiddenSize: Int, intermediateSize: Int, layerCount: Int, queryHeads: Int,
    keyValueHeads: Int, headDimension: Int, normEpsilon: Float, rotary: RotaryConfiguration,
    maximumPosition: Int, tiesEmbeddings: Bool, hasQueryKeyValueBias: Bool, initializerRange: Double
  ) {
    self.vocabularySize = vocabularySize
    self.hiddenSize = hiddenSize
    self.intermediateSize = intermediateSize
    self.layerCount = layerCount
    self.queryHeads = queryHeads
    self.keyValueHeads = keyValueHeads
    self.headDimension = headDimension
    self.normEpsilon = normEpsilon
    self.rotary = rotary
    self.maximumPosition = maximumPosition
    self.tiesEmbeddings = tiesEmbeddings
    self.hasQueryKeyValueBias = hasQueryKeyValueBias
    self.initializerRange = initializerRange
  }

  /// The width of all query heads together.
  public var queryWidth: Int { queryHeads * headDimension }

  /// The width of all key heads together, and of all value heads.
  public var keyValueWidth: Int { keyValueHeads * headDimension }

  /// The bytes that 16 positions of one sequence take in the caches of all layers.
  public var cachePageBytes: Int {
    layerCount * KeyValueCache.pageBytes(width: keyValueWidth, heads: keyValueHeads)
  }
}
