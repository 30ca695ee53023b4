/// One timed stretch of work.
struct Repetition: Codable {
  /// Of one step; a stretch may be several.
  var seconds: Double
  /// Of one step.
  var tokens: Double
  /// Seconds of the whole stretch.
  var stretch: Double
  /// Processors that others used meanwhile.
  var others: Double

  var tokensPerSecond: Double { tokens / seconds }

  /// The kernel counts in ticks of 10 ms, which blurs the reading of short stretches.
  var isUndisturbed: Bool { others < (stretch > 0.3 ? 0.1 : 0.2) }
}

/// Times a stretch of work, and who else was at work meanwhile.
struct StretchClock {
  private let start = ContinuousClock.now
  private let before = ProcessorTimes.now()

  /// So far.
  var seconds: Double { (ContinuousClock.now - start).inSeconds }

  /// Ends the stretch; `companions` are processors that belong to the same work in other processes (ranks).
  func stop(steps: Int, tokens: Int, companions: Double) -> Repetition {
    let seconds = seconds
    let after = ProcessorTimes.now()
    let own = after.own - before.own + companions * seconds
    let others = max(0, after.busy - before.busy - own) + after.stolen - before.stolen
    return Repetition(
      seconds: seconds / Double(steps), tokens: Double(tokens) / Double(steps), stretch: seconds,
      others: others / seconds)
  }
}

extension Duration {
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}

/// The middle one, or the mean of the middle two; 0 of nothing.
func median(_ values: [Double]) -> Double {
  guard !values.isEmpty else { return 0 }
  let sorted = values.sorted()
  return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}
