/// What a token costs, and over what the costs are averaged (TRL's `loss_type`).
///
/// The average is always over the global batch: no other survives a division into micro-batches or ranks.
public enum PolicyGradientLoss: String, Sendable, CaseIterable, Codable {
  /// Clipped; the mean over completions of each one's mean over tokens: DeepSeekMath's (arXiv:2402.03300), which favours brevity
  /// when right.
  case grpo
  /// Clipped; the mean over all tokens, which TRL takes over a process's micro-batch: here the same as `dapo`.
  case bnpo
  /// Clipped; the sum over tokens by completions × the longest completion allowed: no bias by length (arXiv:2503.20783).
  case drGRPO = "dr_grpo"
  /// Clipped; the mean over all tokens of the global batch (arXiv:2503.14476).
  case dapo
  /// The log-likelihood weighted by a bounded ratio that is not differentiated (arXiv:2506.13585), as `dapo` averages.
  case cispo
  /// Clipped; the mean over completions of each one's sum over tokens (arXiv:2602.05261).
  case luspo
  /// A soft gate in the place of the clip (arXiv:2511.20347), as `grpo` averages.
  case sapo
  /// The log-likelihood weighted by a gamma curve of the whole completion's ratio (arXiv:2602.10693), as `dapo` averages.
  case vespo

  /// Whether ρ is clipped to 1 − ε … 1 + ε′.
  public var isClipped: Bool {
    switch self {
    case .grpo, .bnpo, .drGRPO, .dapo, .luspo: true
    case .cispo, .sapo, .vespo: false
    }
  }

  /// What one token of a completion of `length` tokens counts for in a batch with these totals.
  func share(length: Int, of totals: BatchTotals, longest: Int) -> Double {
    switch self {
    case .grpo, .sapo: reciprocal(totals.sequences) * reciprocal(length)
    case .bnpo, .dapo, .cispo, .vespo: reciprocal(totals.tokens)
    case .drGRPO: reciprocal(totals.sequences) * reciprocal(longest)
    case .luspo: reciprocal(totals.sequences)
    }
  }
}
