import JSON
import Pipeline
import Testing

@testable import Stages

private func expanded(
  _ settings: JSON, _ change: (inout [String: [Source]]) -> Void = { _ in }
) throws -> (Expansion?, [SettingProblem]) {
  var inputs: [String: [Source]] = [
    "model": [.stage("sft", output: nil)], "data": [.path("problems.jsonl")],
  ]
  change(&inputs)
  return try #require(stageCatalogue.composite("rft")).expand(LocatedValue(settings), inputs)
}

@Test func rejectionSamplingStandsForFourStages() throws {
  let (found, problems) = try expanded(
    [
      "num_generations": 8, "max_per_prompt": 2, "learning_rate": 1e-4, "max_length": 100,
      "max_completion_length": 30, "max_pass_rate": 0.5,
    ]) {
      $0["sampler"] = [.path("teacher")]
      $0["against"] = [.path("aime.jsonl"), .path("math.jsonl")]
    }
  #expect(problems.isEmpty)
  let stages = try #require(found).stages
  #expect(stages.map(\.name) == ["1/sample", "1/score", "1/filter", "1/train"])
  #expect(stages.map(\.kind) == ["sample", "score", "filter", "sft"])
  #expect(stages[0].inputs[0].sources == [.path("teacher")])
  #expect(stages[3].inputs[0].sources == [.stage("sft", output: nil)])
  #expect(stages[2].inputs[1].sources.count == 2)
  #expect(stages[0].settings["max_prompt_length"] == 69)
  #expect(stages[1].settings["rewards"]?.array?.map { $0["kind"]?.string } == ["math"])
  #expect(stages[2].settings["max_per_prompt"] == 2)
  #expect(stages[2].settings["max_pass_rate"]?.double == 0.5)
  #expect(stages[3].settings["learning_rate"]?.double == 1e-4)
}

@Test func everyPartOfRejectionSamplingReadsItsSettings() throws {
  for stage in try #require(try expanded([:]).0).stages {
    let kind = try #require(stageCatalogue.kind(stage.kind))
    let (settings, problems) = kind.resolve(LocatedValue(stage.settings))
    #expect(problems.isEmpty && settings != nil, "\(stage.name): \(problems)")
    let known = kind.inputs.map(\.name)
    #expect(stage.inputs.allSatisfy { known.contains($0.slot) }, "\(stage.name)")
  }
}

@Test func mistakesOfRejectionSamplingAreFoundInOnePass() throws {
  let (_, problems) = try expanded(["top_p": 2, "max_per_prompt": 0, "learning_rate": -1])
  #expect(problems.map(\.path) == ["learning_rate", "top_p", "max_per_prompt"])
  #expect(
    try expanded(["pass_reward": "mth"]).1.first?.message.contains("did you mean `math`?") == true)
  #expect(
    try expanded(["rewards": [["kind": "model"]]]).1.first?.message.contains("input `reward`")
      == true)
}
