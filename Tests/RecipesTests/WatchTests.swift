import OrderedCollections
import Testing

@testable import Pipeline
@testable import Recipes

private func recipe(_ watches: String) -> String {
  """
  name: demo
  stages:
    sft:
      kind: teach
      inputs: {model: base, data: data.txt}
  \(watches)
  """
}

@Test func gatesAndAlarmsAreStatementsOfAStage() throws {
  let graph = try Shelf().graph(
    recipe(
      """
          gate: [{metric: accuracy, min: 0.6}, {metric: loss, max: 2, action: warn}]
          alarm: {kl: {max: 10, action: stop}, logps/chosen: {max_drop: 20, window: 4}}
      """))
  let stage = try #require(graph.stage("sft"))
  #expect(
    stage.gates == [
      Gate(metric: "accuracy", bounds: Bounds(min: 0.6)),
      Gate(metric: "loss", bounds: Bounds(max: 2), action: .warn),
    ])
  #expect(
    stage.alarms == [
      Alarm(metric: "kl", bounds: Bounds(max: 10), action: .stop),
      Alarm(metric: "logps/chosen", maxDrop: 20, window: 4),
    ])
}

/// Another gate is no other stage.
@Test func whatIsWatchedIsNoPartOfAStagesIdentity() throws {
  let shelf = try Shelf()
  let plain = try #require(try shelf.graph(recipe("")).stage("sft"))
  let gated = try #require(
    try shelf.graph(recipe("    gate: {metric: accuracy, min: 0.6}")).stage("sft"))
  func key(_ node: StageNode) -> StageKey {
    StageKey(node: node, inputs: [:], seed: 0, numerics: "test")
  }
  #expect(key(plain).fingerprint == key(gated).fingerprint)
}

@Test func everyMistakeInGatesAndAlarmsIsFoundInOnePass() throws {
  let told = try Shelf().mistakes(
    recipe(
      """
          gate: [{metric: accuracy}, {min: 1}, {metric: loss, mni: 1}, {metric: loss, min: 2, max: 1}]
          alarm: {kl: 10, loss: {max: 1, action: halt}, margin: {max: 1, window: 0}}
      """))
  #expect(told.contains("r.yaml:6:12: error: this gate has no bound: give `min`, `max`"))
  #expect(told.contains("a gate names its `metric`"))
  #expect(told.contains("there is no setting `mni`; did you mean `min`?"))
  #expect(told.contains("nothing is at least 2.0 and at most 1.0"))
  #expect(told.contains("the alarm on `kl` wants bounds such as {max: 10}, found `10`"))
  #expect(told.contains("`action` is one of warn, stop"))
  #expect(told.contains("`window` is 0, where 1 or more steps would be right"))
}

@Test func aMetricThatIsNearlyOneOfTheKindsIsATypingMistake() throws {
  let told = try Shelf().mistakes(
    recipe(
      """
          gate: {metric: acuracy, min: 0.6}
          alarm: {rewards/other: {max: 1}}
      """))
  #expect(told.contains("r.yaml:6:20: error: stage `sft` has no metric `acuracy`"))
  #expect(told.contains("did you mean `accuracy`?"))
  // Far from all known names: the first step will tell.
  #expect(!told.contains("rewards/other"))
}

/// Of a composite stage the part that makes the model is meant, unless another is named.
@Test func gatesOfACompositeStageAreItsParts() throws {
  let shelf = try Shelf()
  let text = { (watch: String) in
    """
    name: demo
    stages:
      loop:
        kind: rounds
        inputs: {model: base, data: data.txt}
        with: {rounds: 2}
        alarm: {\(watch)}
    """
  }
  let graph = try shelf.graph(text("loss: {max: 2}"))
  #expect(graph.stages.map(\.alarms.count) == [1, 1])
  #expect(try shelf.graph(text("loss: {max: 2, of: train}")).stages[1].alarms.count == 1)
  #expect(shelf.mistakes(text("loss: {max: 2, of: trian}")).contains("did you mean `train`?"))
  #expect(shelf.mistakes(text("acuracy: {max: 2}")).contains("did you mean `accuracy`?"))
}
