import Artifacts
import JSON
import OrderedCollections
import Testing

@testable import Pipeline

private func findings(
  _ alarm: Alarm, _ values: [Double]
) throws -> [AlarmWatch.Finding] {
  var watch = AlarmWatch(stage: "dpo", alarms: [alarm])
  return try values.enumerated().flatMap { index, value in
    try watch.take(step: index + 1, [alarm.metric: value])
  }
}

@Suite struct WatchingTests {
  /// It rings at 11, rings on at 12 without a word, falls silent at 9, and rings again at 13.
  @Test func anAlarmThatRingsOnIsToldOnce() throws {
    let alarm = Alarm(metric: "kl", bounds: Bounds(max: 10))
    #expect(
      try findings(alarm, [3, 11, 12, 9, 13]) == [
        .warning("alarm of stage `dpo` at step 2: kl is 11, where at most 10 is wanted"),
        .warning("alarm of stage `dpo` at step 5: kl is 13, where at most 10 is wanted"),
      ])
  }

  /// Means over two steps: 4, 5, 6; the first is 4, so 6 is 2 above it.
  @Test func aRiseIsCountedFromTheFirstWindow() throws {
    let alarm = Alarm(metric: "length", maxRise: 1.5, window: 2, action: .stop)
    #expect(
      try findings(alarm, [4, 4, 6, 6]) == [
        .stop(
          "alarm of stage `dpo` at step 4: length is 6 over 2 steps, 2 above its first value, where at "
            + "most 1.5 is wanted")
      ])
    let drop = Alarm(metric: "logps/chosen", maxDrop: 20)
    #expect(try findings(drop, [-30, -45, -50]).isEmpty)
    #expect(try findings(drop, [-30, -45, -51]).count == 1)
  }

  @Test func whatIsNoNumberIsWithinNoBounds() throws {
    #expect(try findings(Alarm(metric: "kl", bounds: Bounds(max: 10)), [.nan]).count == 1)
    #expect(try findings(Alarm(metric: "kl", bounds: Bounds(min: 0)), [.nan]).count == 1)
  }

  @Test func anAlarmThatCanNeverRingIsAMistake() throws {
    var watch = AlarmWatch(
      stage: "dpo", alarms: [Alarm(metric: "rewards/margin", bounds: Bounds(min: 0))])
    let error = #expect(throws: UnknownMetric.self) {
      try watch.take(step: 1, ["loss": 1, "rewards/margins": 2])
    }
    #expect(error?.description.contains("did you mean `rewards/margins`?") == true)
  }

  /// What is taken again after an interruption is counted once.
  @Test func stepsThatComeAgainSayNothingNew() throws {
    var watch = AlarmWatch(
      stage: "dpo", alarms: [Alarm(metric: "kl", bounds: Bounds(max: 1), window: 2)])
    _ = try watch.take(step: 1, ["kl": 0])
    _ = try watch.take(step: 2, ["kl": 0])
    #expect(try watch.take(step: 2, ["kl": 9]).isEmpty)
    #expect(try watch.take(step: 3, ["kl": 9]).count == 1)
  }
}

/// In the suite whose stages are told to give up one at a time.
extension ExecutorTests {
  private func run(_ shop: Workshop, _ change: (inout StageNode) -> Void) async throws -> RunOutcome
  {
    var graph = try shop.graph
    change(&graph.stages[0])
    return try await Executor(
      graph: graph, store: shop.store, runner: InProcessRunner(), numerics: { _ in "test" }
    ).run { _ in }
  }

  /// The first stage counts to 13 from 10; the gate wants 20, and then 13.
  @Test func aClosedGateKeepsWhatTheStageMade() async throws {
    let shop = try Workshop()
    for _ in 0..<2 {
      let error = await #expect(throws: GateClosed.self) {
        try await run(shop) { $0.gates = [Gate(metric: "value", bounds: Bounds(min: 20))] }
      }
      #expect(error?.message.contains("value is 13, where at least 20 is wanted") == true)
      #expect(shop.store.lastKey(recipe: "demo", stage: "second") == nil)
    }
    let outcome = try await run(shop) {
      $0.gates = [Gate(metric: "value", bounds: Bounds(min: 13))]
    }
    #expect(outcome.entries.map(\.wasReused) == [true, false, false])
  }

  @Test func aGateOnAFigureThatIsNotThereNamesTheOthers() async throws {
    let shop = try Workshop()
    let error = await #expect(throws: BadInput.self) {
      try await run(shop) { $0.gates = [Gate(metric: "valu", bounds: Bounds(min: 1))] }
    }
    #expect(error?.message.contains("did you mean `value`?") == true)
  }

  /// Steps make 11, 12, 13: the alarm ends the stage at 12, and at once when it is tried again.
  @Test func aStoppedStageIsNotGoneOnWithUntilTheAlarmAllowsIt() async throws {
    let shop = try Workshop()
    for _ in 0..<2 {
      let error = await #expect(throws: GateClosed.self) {
        try await run(shop) {
          $0.alarms = [Alarm(metric: "value", bounds: Bounds(max: 11), action: .stop)]
        }
      }
      #expect(error?.message.contains("at step 2: value is 12") == true)
    }
    #expect(try await run(shop) { _ in }.entries.count == 3)
    #expect(try shop.result("third") == "19")
  }

  @Test func aWarningGateLetsTheRunGoOn() async throws {
    let shop = try Workshop()
    let gate = Gate(metric: "value", bounds: Bounds(max: 1), action: .warn)
    #expect(try await run(shop) { $0.gates = [gate] }.entries.count == 3)
  }
}
