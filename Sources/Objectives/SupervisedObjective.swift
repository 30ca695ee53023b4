import Glibc

/// Next-token learning: supervised fine-tuning, and pretraining on plain text.
///
/// The mean over all learned tokens of the global batch, as in TRL's `SFTTrainer` (`num_items_in_batch`), never a mean of means.
public struct SupervisedObjective: Objective {
  /// What a token costs.
  public enum Loss: String, Sendable, CaseIterable, Codable {
    /// −log p.
    case likelihood = "nll"
    /// −p log p with p held fixed: dynamic fine-tuning, arXiv:2508.05629, equation 9.
    case dynamic = "dft"
  }

  /// Which completion tokens of a sequence are learned from.
  public struct Example: Sendable, Equatable {
    /// One for each completion token.
    public var isLearned: [Bool]

    public init(isLearned: [Bool]) {
      self.isLearned = isLearned
    }
  }

  public var loss: Loss

  public init(loss: Loss = .likelihood) {
    self.loss = loss
  }

  public func totals(_ example: Example, lengths: [Int]) -> BatchTotals {
    BatchTotals(
      examples: 1, sequences: lengths.count, tokens: example.isLearned.count { $0 })
  }

  public func knownSlopes(
    _ example: Example, lengths: [Int], totals: BatchTotals
  ) -> [[Float]]? {
    guard loss == .likelihood else { return nil }
    let slope = Float(-reciprocal(totals.tokens))
    return split(example.isLearned.map { $0 ? slope : 0 }, lengths)
  }

  /// A packed row's sequences take their slopes in the order in which they give their values.
  private func split(_ slopes: [Float], _ lengths: [Int]) -> [[Float]] {
    var start = 0
    return lengths.map { length in
      defer { start += length }
      return Array(slopes[start..<start + length])
    }
  }

  public func evaluate(
    _ example: Example, policy: [ArraySlice<Float>], totals: BatchTotals
  ) -> Evaluation {
    let logProbabilities = policy.count == 1 ? policy[0] : ArraySlice(policy.joined())
    precondition(
      logProbabilities.count == example.isLearned.count,
      "\(logProbabilities.count) log-probabilities for \(example.isLearned.count) tokens")

    let share = reciprocal(totals.tokens)
    var sum = 0.0
    var slopes: [Float] = []
    slopes.reserveCapacity(logProbabilities.count)
    for (logProbability, isLearned) in zip(logProbabilities, example.isLearned) {
      guard isLearned else {
        slopes.append(0)
        continue
      }
      let weight = loss == .dynamic ? exp(Double(logProbability)) : 1
      sum -= weight * Double(logProbability)
      slopes.append(Float(-weight * share))
    }
    var metrics = Metrics()
    metrics.add("loss", sum: sum * share, weight: reciprocal(totals.examples))
    return Evaluation(
      loss: sum * share, slopes: split(slopes, policy.map(\.count)), metrics: metrics)
  }
}
