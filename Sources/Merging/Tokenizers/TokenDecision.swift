/// Where one token's embedding comes from in each model that does not simply keep its own.
public struct TokenDecision: Sendable, Equatable {
  public var token: String
  /// Its number in the output.
  public var id: Int
  /// By model, in the order of the models: `own row 5`, `row 7 of base`, `mean of a, b`, `zero`.
  public var sources: [String]
}

/// What becomes of the vocabulary.
public struct VocabularyReport: Sendable, Equatable {
  /// The models, in the order of the decisions' sources.
  public var models: [String]
  /// How many tokens the output has, and how many rows its embeddings.
  public var tokenCount: Int
  public var rowCount: Int
  /// How many of each model's tokens get another number.
  public var movedCounts: [Int]
  /// The tokens that some model lacks, or that were decided by the configuration.
  public var decisions: [TokenDecision]
}
