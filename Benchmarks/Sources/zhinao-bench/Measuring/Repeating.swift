/// Repeats work: some steps unmeasured, then as often as is asked for.
struct Repeating {
  var warmup: Int
  var count: Int
  /// How long to wait for a quiet machine before each repetition.
  var quietSeconds: Double
  /// Processors of other ranks of the same work; they must all take the same number of steps.
  var companions = 0.0
  /// A repetition is as many whole steps as fill this many seconds; with several ranks it is one.
  var fewestSeconds = 0.5

  /// Measures `step`, which does the step of a number and says how many tokens it was.
  func measure(_ step: (Int) throws -> Int) throws -> [Repetition] {
    for index in 0..<warmup { _ = try step(index) }
    var next = warmup
    return try (0..<count).map { _ in
      if companions == 0 { waitForQuiet(limit: quietSeconds) }
      let clock = StretchClock()
      var (steps, tokens) = (0, 0)
      repeat {
        tokens += try step(next)
        next += 1
        steps += 1
      } while companions == 0 && clock.seconds < fewestSeconds
      return clock.stop(steps: steps, tokens: tokens, companions: companions)
    }
  }
}
