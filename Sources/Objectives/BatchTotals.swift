/// Sums over the examples of a global batch: everything an objective may need to know of its batch beforehand.
///
/// The normaliser of a loss must be the global batch's, or accumulating gradients and adding ranks would change the result.
/// Integers, so that they are the same in whatever order they were added.
public struct BatchTotals: Sendable, Hashable, Codable {
  /// Rows: conversations, pairs or completions.
  public var examples: Int
  /// Token sequences: a pair has two.
  public var sequences: Int
  /// Completion tokens that are learned from.
  public var tokens: Int
  /// Completion tokens of the chosen sides of pairs, for the likelihood term beside a preference loss.
  public var chosenTokens: Int

  public init(examples: Int = 0, sequences: Int = 0, tokens: Int = 0, chosenTokens: Int = 0) {
    self.examples = examples
    self.sequences = sequences
    self.tokens = tokens
    self.chosenTokens = chosenTokens
  }

  public static func + (left: Self, right: Self) -> Self {
    Self(
      examples: left.examples + right.examples, sequences: left.sequences + right.sequences,
      tokens: left.tokens + right.tokens, chosenTokens: left.chosenTokens + right.chosenTokens)
  }

  public static func += (left: inout Self, right: Self) {
    left = left + right
  }
}

/// One over a count, and one over one where nothing was counted: a batch without tokens has loss 0, not NaN.
func reciprocal(_ count: Int) -> Double {
  1 / Double(max(1, count))
}
