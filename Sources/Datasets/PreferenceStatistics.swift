internal import Text

/// What the pairs of a dataset have in common that a model might learn instead of quality.
///
/// A gate compares these with a recipe's thresholds before anything is trained.
public struct PreferenceStatistics: Sendable, Equatable, Codable {
  public let pairs: Int

  /// Pairs whose prompt an earlier pair has too.
  public let repeatedPrompts: Int

  /// Pairs that are in the data the other way round as well, the same two answers to one prompt.
  public let contradictions: Int

  /// Among pairs of different lengths, the share where the chosen answer is the longer one; 0.5 is
  /// no bias, and nil where all lengths are equal.
  public let chosenLonger: Double?

  /// Mean lengths, in tokens.
  public let meanChosenLength: Double
  public let meanRejectedLength: Double

  public init(_ pairs: [TokenPair]) {
    var prompts: Set<[TokenID]> = []
    var seen: Set<[[TokenID]]> = []
    var contradictions = 0
    var longer = 0
    var shorter = 0
    for pair in pairs {
      prompts.insert(pair.prompt)
      seen.insert([pair.prompt, pair.chosen, pair.rejected])
      if seen.contains([pair.prompt, pair.rejected, pair.chosen]) { contradictions += 1 }
      if pair.chosen.count > pair.rejected.count { longer += 1 }
      if pair.chosen.count < pair.rejected.count { shorter += 1 }
    }
    self.pairs = pairs.count
    self.contradictions = contradictions
    repeatedPrompts = pairs.count - prompts.count
    chosenLonger = longer + shorter > 0 ? Double(longer) / Double(longer + shorter) : nil
    meanChosenLength = Self.mean(pairs.map(\.chosen.count))
    meanRejectedLength = Self.mean(pairs.map(\.rejected.count))
  }

  private static func mean(_ lengths: [Int]) -> Double {
    lengths.isEmpty ? 0 : Double(lengths.reduce(0, +)) / Double(lengths.count)
  }
}
