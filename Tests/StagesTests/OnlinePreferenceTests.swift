import JSON
import Pipeline
import Testing

@testable import Stages

private let catalogue = StageCatalogue(
  [
    StageKind(SampleStage.self), StageKind(ScoreStage.self), StageKind(PairStage.self),
    StageKind(DirectPreferenceStage.self), StageKind(CompareStage.self),
  ], composites: [CompositeKind(OnlinePreferenceStage.self)])

private func expanded(
  _ settings: JSON, _ inputs: [String: [Source]]
) throws -> (Expansion?, [SettingProblem]) {
  let kind = try #require(catalogue.composite("online-dpo"))
  return kind.expand(LocatedValue(settings), inputs)
}

private let inputs: [String: [Source]] = [
  "model": [.stage("sft", output: nil)], "reward": [.stage("reward", output: nil)],
  "data": [.path("prompts.jsonl")], "reference": [],
]

@Test func onlinePreferenceStandsForFiveStagesARound() throws {
  let (found, problems) = try expanded(
    [
      "rounds": 2, "num_generations": 6, "beta": 0.2, "min_margin": 0.5, "max_samples": 40,
      "learning_rate": 1e-5, "lora": ["r": 4], "max_length": 100, "max_completion_length": 30,
      "temperature": 0.9,
    ], inputs)
  #expect(problems.isEmpty)
  let expansion = try #require(found)
  #expect(
    expansion.stages.map(\.name) == [
      "1/sample", "1/score", "1/pair", "1/train", "1/compare", "2/sample", "2/score", "2/pair",
      "2/train", "2/compare",
    ])
  #expect(expansion.stages.map(\.kind).suffix(5) == ["sample", "score", "pair", "dpo", "compare"])
  #expect(expansion.outputs == ["model": .sibling("2/train", output: nil)])
  #expect(expansion.stages[0].inputs.first?.sources == [.stage("sft", output: nil)])
  #expect(expansion.stages[5].inputs.first?.sources == [.sibling("1/train", output: nil)])
  let sample = expansion.stages[5].settings
  #expect(sample["num_generations"] == 6)
  #expect(sample["temperature"]?.double == 0.9)
  #expect(sample["round"] == 2)
  #expect(sample["max_samples"] == 40)
  // 100 − 30 − the token that ends the answer.
  #expect(sample["max_prompt_length"] == 69)
  #expect(expansion.stages[2].settings["min_margin"]?.double == 0.5)
  let train = expansion.stages[3].settings
  #expect(
    expansion.stages[3].inputs.first { $0.slot == "sampler" }?.sources == [
      .stage("sft", output: nil)
    ])
  #expect(train["beta"]?.double == 0.2)
  #expect(train["learning_rate"]?.double == 1e-5)
  #expect(train["lora"]?["r"] == 4)
}

/// What an expansion writes, the stages themselves must read.
@Test func everyPartReadsItsSettings() throws {
  let expansion = try #require(try expanded([:], inputs).0)
  for stage in expansion.stages {
    let kind = try #require(catalogue.kind(stage.kind))
    let (settings, problems) = kind.resolve(LocatedValue(stage.settings))
    #expect(problems.isEmpty && settings != nil, "\(stage.name): \(problems)")
    let known = kind.inputs.map(\.name)
    #expect(stage.inputs.allSatisfy { known.contains($0.slot) }, "\(stage.name)")
  }
}

@Test func theReferenceIsTheRoundsOwnStartOrTheFirst() throws {
  func references(_ settings: JSON, _ inputs: [String: [Source]]) throws -> [[Source]] {
    try #require(try expanded(settings, inputs).0).stages.filter { $0.kind == "dpo" }.map { stage in
      stage.inputs.first { $0.slot == "reference" }?.sources ?? []
    }
  }
  #expect(try references([:], inputs) == [[], []])
  #expect(
    try references(["reference": "initial"], inputs) == [[], [.stage("sft", output: nil)]])
  var given = inputs
  given["reference"] = [.path("models/other")]
  let other: [Source] = [.path("models/other")]
  #expect(try references(["reference": "initial"], given) == [other, other])
}

@Test func mistakesOfEveryPartAreFoundInOnePass() throws {
  let (_, problems) = try expanded(
    ["beta": 0, "top_p": 2, "min_margin": -1, "rounds": 0, "num_generations": 1], inputs)
  #expect(
    problems.map(\.path) == ["beta", "top_p", "min_margin", "rounds", "num_generations"])
  let (_, unknown) = try expanded(["bta": 0.1], inputs)
  #expect(unknown.first?.message.contains("did you mean `beta`") == true)
}

@Test func withoutARewardThereIsNothingToScoreWith() throws {
  var none = inputs
  none["reward"] = []
  #expect(try expanded([:], none).1.first?.message.contains("nothing to score with") == true)
  #expect(try expanded(["rewards": [["kind": "math"]]], none).1.isEmpty)
}

/// Round 2 is judged against round 1 and the start; what is held to is what training was held to.
@Test func aRoundIsComparedWithTheOneBeforeAndTheStart() throws {
  var held = inputs
  held["eval_data"] = [.path("held.jsonl")]
  let expansion = try #require(try expanded(["format": "prompt"], held).0)
  let compare = expansion.stages[9]
  func sources(_ slot: String) -> [Source]? { compare.inputs.first { $0.slot == slot }?.sources }
  #expect(sources("model") == [.sibling("2/train", output: nil)])
  #expect(sources("previous") == [.sibling("1/train", output: nil)])
  #expect(sources("reference") == [.sibling("1/train", output: nil)])
  #expect(sources("start") == [.stage("sft", output: nil)])
  #expect(sources("data") == [.path("held.jsonl")])
  #expect(compare.settings["max_samples"] == 64)
  #expect(compare.settings["num_generations"] == 1)
  #expect(compare.settings["format"] == JSON.null)
  let none = try #require(try expanded(["eval_samples": 0], inputs).0)
  #expect(none.stages.count == 8)
}
