/// Times things beside each other on a quiet machine, as far as there is one.
struct QuietClock {
  var rounds = 7
  /// Seconds that each attempt waits for quiet; with 0, or where they were not enough, there is one attempt.
  var quiet: Double
  private static let attempts = 3

  /// Per thing, the seconds of one call in each round, and the processors that others used.
  func times(_ things: [() -> Void]) -> (times: [[Double]], others: Double) {
    var found: (times: [[Double]], others: Double) = ([], .infinity)
    for _ in 0..<(quiet > 0 ? QuietClock.attempts : 1) {
      let isQuiet = quiet > 0 && waitForQuiet(limit: quiet)
      let clock = StretchClock()
      let times = RoundClock(rounds: rounds).times(things)
      let others = clock.stop(steps: 1, tokens: 0, companions: 0).others
      if others < found.others { found = (times, others) }
      if !isQuiet || found.others < KernelFigure.disturbance { break }
    }
    return found
  }
}
