/// Which tokens of a batch the policy was least sure of (`top_entropy_quantile`; arXiv:2506.01939, section 5).
///
/// `entropies` is a row for each completion, in nats; nil marks one that counts for nothing. The threshold is the quantile 1 − `share`
/// of all tokens, between two of them on a straight line, as torch.quantile has it; a token at the threshold is kept.
public func topEntropyTokens(_ entropies: [[Float]?], share: Double) -> [[Bool]] {
  let sorted = entropies.flatMap { $0 ?? [] }.sorted()
  guard share < 1, let last = sorted.last else {
    return entropies.map { ($0 ?? []).map { _ in true } }
  }
  let place = (1 - max(0, share)) * Double(sorted.count - 1)
  let index = min(Int(place), sorted.count - 1)
  let next = index + 1 < sorted.count ? sorted[index + 1] : last
  let threshold =
    Double(sorted[index]) + (place - Double(index)) * (Double(next) - Double(sorted[index]))
  return entropies.map { ($0 ?? []).map { Double($0) >= threshold } }
}
