/// Times several things in turns, so that the machine's moods hit all alike.
struct RoundClock {
  var rounds = 7
  /// Seconds that each thing is repeated for in a round.
  var seconds = 0.03

  /// Per thing, the seconds of one call in each round.
  func times(_ things: [() -> Void]) -> [[Double]] {
    let calls = things.map { thing -> Int in
      thing()
      let start = ContinuousClock.now
      thing()
      let once = (ContinuousClock.now - start).inSeconds
      return max(1, Int(seconds / max(once, 1e-7)))
    }
    var times = [[Double]](repeating: [], count: things.count)
    for _ in 0..<rounds {
      for (index, thing) in things.enumerated() {
        let start = ContinuousClock.now
        for _ in 0..<calls[index] { thing() }
        times[index].append((ContinuousClock.now - start).inSeconds / Double(calls[index]))
      }
    }
    return times
  }
}
