import Artifacts
import Datasets
import Foundation
import Generation
import JSON
import OrderedCollections
import Pipeline
import Rewards
import Testing
import Transformers

@testable import Stages

private func answers(_ texts: [String]) -> [SuiteAnswer] {
  texts.map { text in
    let completion = Completion(
      tokens: [1, 2], logProbabilities: [-1, -1], finishReason: text.isEmpty ? .length : .stop)
    return SuiteAnswer(SampledCompletion(text: text, completion: completion), judged: text)
  }
}

private func suite(k: Int) -> ConversationSuite {
  var settings = SamplingSettings()
  settings.numGenerations = k
  let rows = RowSet([], of: "prompts.jsonl")
  return ConversationSuite(
    name: "prompts", settings: settings,
    questions: SuiteQuestions(rows, settings, overlong: .error))
}

private func rewarded(_ rewards: [[Double]]) -> [SuiteItem] {
  rewards.enumerated().map { index, rewards in
    SuiteItem(
      row: index + 1, answers: answers(rewards.map { _ in "a" }), scores: ["reward": Score(rewards)]
    )
  }
}

/// Rewards (2, 1, 1) against (1, 1, 3): a win, a tie, a loss; the mean of the three is 4/3.
@Test func aTieIsHalfAWin() {
  let measures = suite(k: 1).measures(
    rewarded([[2], [1], [1]]), baseline: rewarded([[1], [1], [3]]))
  #expect(measures.map(\.name) == ["win_rate", "mean_reward"])
  #expect(measures[0].estimate == wilsonInterval(successes: 1.5, of: 3))
  #expect(measures[1].estimate.mean == 4.0 / 3)
  // Nobody to be compared with.
  #expect(suite(k: 1).measures(rewarded([[2]]), baseline: nil).map(\.name) == ["mean_reward"])
}

/// Margins (2, −1, 0) over the baseline's (1, −2, 0): 1, 1, 0.
@Test func agreementIsCountedOverTheBaseline() {
  func items(_ margins: [Double]) -> [SuiteItem] {
    margins.enumerated().map { SuiteItem(row: $0, scores: ["logps": Score([$1, 0])]) }
  }
  let pairs = PairSuite(
    name: "pairs", rows: RowSet([], of: "pairs.jsonl"), limit: LengthLimit(maximum: 9))
  let measure = pairs.measures(items([2, -1, 0]), baseline: items([1, -2, 0]))[0]
  #expect(measure.estimate.mean == 2.5 / 3)
  #expect(pairs.measures(items([2, -1, 0]), baseline: nil)[0].estimate.mean == 0.5)
}

/// 4 words, 15 bytes and 5 tokens of 0.5 nats each.
@Test func perplexitiesAreByTokenWordAndByte() {
  let item = SuiteItem(
    row: 1,
    scores: [
      "loss": Score([2.5], weight: 5),
      "word": Score([2.5], weight: Double(TextSuite.words("a bc  d\nef"))),
      "byte": Score([2.5], weight: 15),
    ])
  let text = TextSuite(
    name: "text", rows: RowSet([], of: "text.jsonl"), limit: LengthLimit(maximum: 9))
  let measures = text.measures([item, item], baseline: nil)
  let means = measures.map(\.estimate.mean)
  #expect(measures.map(\.name) == ["loss", "perplexity", "word_perplexity", "byte_perplexity"])
  for (mean, expected) in zip(means, [0.5, exp(0.5), exp(2.5 / 4), exp(2.5 / 15)]) {
    #expect(abs(mean - expected) < 1e-12)
  }
}

@Test func theVerdictComparesTheLastModelWithTheBestOfTheOthers() {
  func model(_ name: String, _ accuracy: Double, _ wins: Double) -> ModelEvaluation {
    func measure(_ name: String, _ share: Double) -> Measure {
      Measure(name, .share, (0..<8).map { Cluster(id: $0, sum: Double($0) < 8 * share ? 1 : 0) })
    }
    return ModelEvaluation(
      name: name,
      suites: [
        SuiteEvaluation(suite: "problems", k: 1, measures: [measure("accuracy", accuracy)]),
        SuiteEvaluation(suite: "prompts", k: 1, measures: [measure("win_rate", wins)]),
        SuiteEvaluation(suite: "gsm8k", k: 1, measures: [measure("accuracy", 1)]),
      ])
  }
  let parents = [model("dpo", 0.25, 0.75), model("grpo", 0.75, 0.5)]
  let better = EvaluationReport(models: parents + [model("merge", 0.75, 0.75)])
  #expect(
    better.verdict
      == "merge reaches the best of the others: its mean over accuracy and win_rate is "
      + "0.750, that of grpo is 0.625.")
  let worse = EvaluationReport(models: parents + [model("merge", 0.5, 0.5)])
  #expect(worse.verdict?.contains("merge does not reach the best of the others") == true)
  #expect(EvaluationReport(models: [parents[0]]).verdict == nil)
  #expect(better.summary["merge/skills"] == 0.75)
  #expect(better.summary["merge/gsm8k/accuracy"] == 1)
  // Of eight prompts grpo has four more right than dpo, and no prompt less.
  #expect(better.markdown.contains("| grpo − dpo | +0.500 ["))
  #expect(better.markdown.contains("## gsm8k (n = 8, k = 1)"))
  let differences = better.json["differences"]?.array ?? []
  #expect(differences.count == 9 && differences[0]["n"] == 8)
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
  for name in [
    "accuracy", "pass@2", "majority@2", "win_rate", "mean_reward", "loss", "perplexity",
    "word_perplexity", "cutoff_ratio", "skills",
  ] {
    #expect(figures["second/\(name)"] != nil, "\(name)")
  }
  #expect(figures["reward_model/preference_accuracy"] != nil)
  let report = try JSON(parsing: Files.read("\(output)/report.json"))
  #expect(report["models"]?.array?.count == 2)
  #expect(report["models"]?.array?.first?["loss"]?["count"] == 12)
  #expect(report["verdict"]?.string?.contains("second") == true)
  let table = try toys.text("\(output)/report.md")
  #expect(table.contains("| first |") && table.contains("| baseline |"))
  let lines = try toys.text("\(output)/generations.jsonl").split(separator: "\n").map {
    try JSON(parsing: Array($0.utf8))
  }
  // Three models, each with two problems, prompts, pairs and texts.
  #expect(lines.count == 24)
  #expect(lines[0]["model"]?.string == "baseline" && lines[0]["answers"]?.array?.count == 2)
  #expect(lines[0]["scores"]?["accuracy"]?["values"]?.array?.count == 2)
}

@Test func anEvaluationOfNothingSaysWhatToGive() throws {
  let toys = try ToyModels()
  let model = try toys.model("model", seed: 1)
  let unknown = #expect(throws: BadInput.self) {
    var settings = EvaluateStage.Settings()
    settings.own.suites = ["gsm8k": SuiteOptions()]
    try toys.run(EvaluateStage.self, settings, inputs: ["models": [model], "text": [model]])
  }
  #expect(unknown != nil)
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
