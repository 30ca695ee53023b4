import Artifacts
import Datasets
import Generation
import JSON
import OrderedCollections
import Pipeline
import Testing

@testable import Stages

private func row(_ number: Int, _ answers: [(text: String, score: Double, tokens: Int)])
  -> CompletionRow
{
  CompletionRow(
    row: number, prompt: .text("p\(number)"), answer: nil,
    completions: answers.map { answer in
      SampledCompletion(
        text: answer.text,
        completion: Completion(
          tokens: [Int32](repeating: 1, count: answer.tokens),
          logProbabilities: [Float](repeating: -1, count: answer.tokens), finishReason: .stop))
    }, scores: answers.map(\.score))
}

/// Won, tied, lost: 1.5 of 3.
///
/// Gains 1, 0, −1 and so 0. Lengths 4, 2, 6 against 2, 2, 2: twice as long.
@Test func aRoundIsCountedByHand() {
  let model = [row(1, [("a", 2, 4)]), row(2, [("b", 1, 2)]), row(3, [("c", 0, 6)])]
  let start = [row(1, [("d", 1, 2)]), row(2, [("e", 1, 2)]), row(3, [("f", 1, 2)])]
  let figures = RoundComparison(
    model: model, start: start, previous: nil, kl: [[0.5], [0.25], [0.75]]
  ).summary
  #expect(figures["win_rate/start"] == 0.5)
  #expect(figures["score_gain/start"] == 0)
  #expect(figures["length_drift/start"] == 1)
  #expect(figures["kl"] == 0.5)
  #expect(figures["kl_per_token"] == 1.5 / 12)
  #expect(figures["win_rate/previous"] == nil)
  let (low, high) = (figures["win_rate/start/low"] ?? 1, figures["win_rate/start/high"] ?? 0)
  #expect(low < 0.5 && high > 0.5)
}

private func comparison(
  _ toys: ToyModels, _ model: String, _ start: String, _ extra: [String: String] = [:]
) throws -> (output: String, figures: [String: Double]) {
  var settings = CompareStage.Settings()
  settings.maxCompletionLength = 10
  settings.own.rewards = [RewardSettings(kind: .length)]
  let data = try toys.write(
    (1...5).map { #"{"prompt": "say \#($0)"}"# }.joined(separator: "\n"), "prompts.jsonl")
  let (output, events) = try toys.run(
    CompareStage.self, settings, name: "compare",
    inputs: ["model": [model], "start": [start], "data": [data]])
  return (output, Dictionary(uniqueKeysWithValues: events.figures.map { ($0.key, $0.value) }))
}

/// A model ties with itself everywhere, has not gone from itself, and says the same.
@Test func aModelComparedWithItselfHasNotMoved() throws {
  let toys = try ToyModels()
  let model = try toys.model("model", seed: 1)
  let (output, figures) = try comparison(toys, model, model)
  #expect(figures["win_rate/start"] == 0.5)
  #expect(figures["score_gain/start"] == 0)
  #expect(figures["kl"] == 0)
  #expect(figures["length_drift/start"] == 0)
  let lines = try toys.text("\(output)/answers.jsonl").split(separator: "\n")
  #expect(lines.count == 5)
}

/// The divergence of a model's own answers from another's is above zero in the mean.
@Test func anotherModelHasMoved() throws {
  let toys = try ToyModels()
  let (_, figures) = try comparison(
    toys, toys.model("model", seed: 1), toys.model("start", seed: 2))
  #expect((figures["kl"] ?? 0) > 0)
  #expect(figures["prompts"] == 5)
}

/// Answers that an earlier attempt wrote down are taken as they are.
@Test func aResumedComparisonEqualsOneThatWentStraightThrough() throws {
  let toys = try ToyModels()
  let (model, start) = (try toys.model("model", seed: 1), try toys.model("start", seed: 2))
  let whole = try Files.read("\(try comparison(toys, model, start).output)/answers.jsonl")
  try Files.remove("\(toys.path)/work/compare/start.jsonl")
  #expect(Files.exists("\(toys.path)/work/compare/model.jsonl"))
  #expect(try Files.read("\(try comparison(toys, model, start).output)/answers.jsonl") == whole)
}

private func trained(_ toys: ToyModels, sampler: String?, wanted: String?) throws {
  let model = try toys.model("model", seed: 1)
  try toys.write(
    #"{"prompt": "a", "chosen": "b", "rejected": "c"}"#, "pairs/pairs.jsonl")
  if let sampler { try toys.write(#"{"model": "\#(sampler)"}"#, "pairs/sampler.json") }
  var order = WorkOrder(
    kind: "dpo", stage: "dpo", settings: [:],
    inputs: ["model": [model], "data": ["\(toys.path)/pairs"], "sampler": [model]],
    outputs: ["model": "\(toys.path)/out"], work: "\(toys.path)/work", seed: 1)
  if let wanted { order.digests["sampler"] = [wanted] }
  try SamplerRecord.check(StageContext(order: order) { _ in }, data: "data")
}

@Test func pairsOfAnotherPolicyAreRefused() throws {
  let toys = try ToyModels()
  try trained(toys, sampler: "aaaa", wanted: "aaaa")
  let error = #expect(throws: BadInput.self) {
    try trained(toys, sampler: "aaaa", wanted: "bbbb")
  }
  #expect(
    error?.message.contains(
      "were sampled by the model aaaa, and the recipe's `sampler` is the model bbbb")
      == true)
}

@Test func pairsThatDoNotSayWhoSampledThemAreRefused() throws {
  let error = #expect(throws: BadInput.self) {
    try trained(try ToyModels(), sampler: nil, wanted: "bbbb")
  }
  #expect(error?.message.contains("does not say which model sampled it") == true)
}

/// Completions say who sampled them, and scores and pairs hand it on.
@Test func whoSampledIsHandedOn() throws {
  let toys = try ToyModels()
  try toys.write(
    #"{"prompt": "a", "completions": ["b", "c"]}"#, "completions/completions.jsonl")
  try toys.write(#"{"model": "aaaa"}"#, "completions/sampler.json")
  var settings = ScoreSettings()
  settings.rewards = [RewardSettings(kind: .length)]
  let (scores, _) = try toys.run(
    ScoreStage.self, settings, name: "score", inputs: ["completions": ["\(toys.path)/completions"]])
  #expect(try SamplerRecord(in: scores)?.model == "aaaa")
  try toys.write(
    #"{"prompt": "a", "completions": ["b", "c"], "scores": [1, 0]}"#, "out/score/scores.jsonl")
  let (pairs, _) = try toys.run(PairStage.self, name: "pair", inputs: ["scores": [scores]])
  #expect(try SamplerRecord(in: pairs)?.model == "aaaa")
}
