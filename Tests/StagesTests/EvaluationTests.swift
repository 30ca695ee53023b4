import Artifacts
import Datasets
import Generation
import JSON
import OrderedCollections
import Pipeline
import Rewards
import Testing
import Transformers

@testable import Stages

private func answers(_ texts: [[String]]) -> [[SampledCompletion]] {
  texts.map { group in
    group.map { text in
      SampledCompletion(
        text: text,
        completion: Completion(
          tokens: [1, 2], logProbabilities: [-1, -1], finishReason: text.isEmpty ? .length : .stop))
    }
  }
}

/// Three problems with answers 1, 2, 3 and two samples each: right 2, 1 and 0 times.
private func problems() throws -> ModelAnswers {
  let toys = try ToyModels()
  let data = try toys.write(
    (1...3).map { #"{"question": "\#($0)?", "answer": "\#($0)"}"# }.joined(separator: "\n"),
    "data.jsonl")
  let input = try ModelInput(path: toys.model("model", seed: 1))
  let prompts = try PromptDataset(
    RowReading().read(data), encoding: input.tokenizer, limit: LengthLimit(maximum: 200)
  ).prompts
  return ModelAnswers(
    problems: prompts,
    problemAnswers: answers([["\\boxed{1}", "\\boxed{1}"], ["\\boxed{2}", ""], ["a", "b"]]))
}

@Test func accuracyCountsSamplesAndAnyRightCountsProblems() throws {
  let evaluation = Judgement(verifier: MathReward()).evaluation("m", try problems(), rewards: [])
  #expect(evaluation.accuracy?.mean == 0.5)
  #expect(evaluation.anyRight?.mean == 2.0 / 3)
  #expect(evaluation.cutoff == 1.0 / 6)
  #expect(evaluation.meanTokens == 2)
  #expect(evaluation.meanOfSkills == 0.5)
  // Clusters (2, 1, 0) of 2: √(3/2 · (1 + 0 + 1)) / 6 · 1.96 = 0.566, wider than [0, 1].
  #expect(evaluation.accuracy?.low == 0 && evaluation.accuracy?.high == 1)
}

/// Rewards (2, 1, 1) against (1, 1, 3): a win, a tie, a loss.
@Test func aTieIsHalfAWin() {
  let own = ModelAnswers(promptAnswers: answers([["a"], ["b"], ["c"]]), pairMargins: [2, -1, 0])
  let judgement = Judgement(
    verifier: MathReward(), baseline: ModelAnswers(pairMargins: [1, -2, 0]),
    baselineRewards: [[1], [1], [3]])
  let evaluation = judgement.evaluation("m", own, rewards: [[2], [1], [1]])
  #expect(evaluation.winRate?.mean == 0.5)
  #expect(evaluation.meanReward?.mean == 4.0 / 3)
  // Against the baseline: 1, 1, 0.
  #expect(evaluation.implicitAccuracy?.mean == 2.5 / 3)
}

@Test func theVerdictComparesTheLastModelWithTheBestOfTheOthers() {
  func model(_ name: String, _ accuracy: Double, _ wins: Double) -> ModelEvaluation {
    ModelEvaluation(
      name: name, accuracy: Estimate(mean: accuracy, low: 0, high: 1, count: 9),
      winRate: Estimate(mean: wins, low: 0, high: 1, count: 9))
  }
  let parents = [model("dpo", 0.25, 0.75), model("grpo", 0.75, 0.5)]
  let better = EvaluationReport(models: parents + [model("merge", 0.75, 0.75)], k: 4)
  #expect(
    better.verdict
      == "merge reaches the best of the others: its mean over accuracy and win_rate is "
      + "0.750, that of grpo is 0.625.")
  let worse = EvaluationReport(models: parents + [model("merge", 0.5, 0.5)], k: 4)
  #expect(worse.verdict?.contains("merge does not reach the best of the others") == true)
  #expect(EvaluationReport(models: [parents[0]], k: 4).verdict == nil)
  #expect(better.summary["merge/skills"] == 0.75)
}

@Test func evaluationMeasuresWhatItIsGiven() throws {
  let toys = try ToyModels()
  let problems = try toys.write(
    #"{"question": "1+1?", "answer": "2"}"# + "\n" + #"{"question": "2+1?", "answer": "3"}"#,
    "problems.jsonl")
  let pairs = try toys.write(
    #"{"prompt": "a", "chosen": "b", "rejected": "cd"}"# + "\n"
      + #"{"prompt": "b", "chosen": "b", "rejected": "ef"}"#, "pairs.jsonl")
  let text = try toys.write(#"{"text": "hello"}"# + "\n" + #"{"text": "goodbye"}"#, "text.jsonl")
  let models = try (1...2).map { try toys.model("model-\($0)", seed: UInt64($0)) }
  let reward = try toys.model("reward", seed: 9, head: .score)
  var settings = EvaluateStage.Settings()
  settings.numGenerations = 2
  settings.maxCompletionLength = 6
  settings.own.names = ["first", "second"]
  let (output, events) = try toys.run(
    EvaluateStage.self, settings,
    inputs: [
      "models": models, "baseline": [models[0]], "reward": [reward], "problems": [problems],
      "prompts": [problems], "pairs": [pairs], "text": [text],
    ])
  let figures = events.figures
  // A model against itself ties everywhere: the same randomness for all.
  #expect(figures["first/win_rate"] == 0.5)
  #expect(figures["first/implicit_accuracy"] == 0.5)
  for name in ["accuracy", "pass@2", "win_rate", "mean_reward", "loss", "cutoff_ratio", "skills"] {
    #expect(figures["second/\(name)"] != nil, "\(name)")
  }
  #expect(figures["reward_model/preference_accuracy"] != nil)
  let report = try JSON(parsing: Files.read("\(output)/report.json"))
  #expect(report["models"]?.array?.count == 2)
  #expect(report["models"]?.array?.first?["loss"]?["count"] == 12)
  #expect(report["verdict"]?.string?.contains("second") == true)
  let table = try toys.text("\(output)/report.md")
  #expect(table.contains("| first |") && table.contains("| baseline |"))
}

@Test func anEvaluationOfNothingSaysWhatToGive() throws {
  let toys = try ToyModels()
  let model = try toys.model("model", seed: 1)
  let error = #expect(throws: BadInput.self) {
    try toys.run(EvaluateStage.self, inputs: ["models": [model]])
  }
  #expect(error?.message.contains("`problems`") == true)
  var settings = EvaluateStage.Settings()
  settings.own.names = ["a", "b"]
  let names = #expect(throws: BadInput.self) {
    try toys.run(EvaluateStage.self, settings, inputs: ["models": [model]])
  }
  #expect(names?.message.contains("1 models and 2 names") == true)
}

@Test func aProblemWithoutAnAnswerIsNamed() throws {
  let toys = try ToyModels()
  let data = try toys.write(#"{"prompt": "a"}"#, "problems.jsonl")
  let error = #expect(throws: BadInput.self) {
    try toys.run(
      EvaluateStage.self, inputs: ["models": [toys.model("model", seed: 1)], "problems": [data]])
  }
  #expect(error?.message.contains("row 1 has no answer") == true)
}
