import Artifacts
import Collectives
import Datasets
import Generation
import JSON
import Kernels
import OrderedCollections
import Pipeline
import Randomness
import Testing
import Text
import Transformers

@testable import Stages

private func settings(_ count: Int = 3) -> SampleStage.Settings {
  var settings = SampleStage.Settings()
  settings.numGenerations = count
  settings.maxCompletionLength = 12
  return settings
}

@Test func samplingWritesALineForEachPromptWithItsAnswers() throws {
  let toys = try ToyModels()
  let data = try toys.write(
    #"{"question": "1+1?", "answer": "2"}"# + "\n" + #"{"question": "2+1?", "answer": "3"}"#,
    "data.jsonl")
  let model = try toys.model("model", seed: 1)
  let (output, events) = try toys.run(
    SampleStage.self, settings(), inputs: ["model": [model], "data": [data]])
  let rows = try CompletionRow.read(output, name: SampleStage.fileName)
  #expect(rows.map(\.row) == [1, 2])
  #expect(rows.map(\.answer) == ["2", "3"])
  #expect(rows[0].prompt == .messages([.init(role: "user", content: "1+1?")]))
  #expect(rows.allSatisfy { $0.completions.count == 3 })
  for answer in rows.flatMap(\.completions) {
    #expect(answer.completion.tokens.count <= 12)
    #expect(answer.completion.tokens.count == answer.completion.logProbabilities.count)
    #expect(answer.hasEnded == [96, 98].contains(answer.completion.tokens.last))
  }
  #expect(events.figures["completions"] == 6)
  #expect(Files.exists("\(output)/sampler.json"))
}

/// A file read back and written again is the same bytes: no log-probability loses a bit.
@Test func completionsKeepEveryBit() throws {
  let toys = try ToyModels()
  let data = try toys.write(#"{"prompt": "hello"}"#, "data.jsonl")
  let model = try toys.model("model", seed: 2)
  let (output, _) = try toys.run(
    SampleStage.self, settings(), inputs: ["model": [model], "data": [data]])
  let rows = try CompletionRow.read(output, name: SampleStage.fileName)
  #expect(CompletionRow.lines(rows) == (try Files.read("\(output)/completions.jsonl")))
}

@Test func twoSharesOfPromptsEqualOne() throws {
  let toys = try ToyModels()
  let model = try LanguageModel(path: toys.model("model", seed: 3), compute: Compute())
  var sampling = SamplingSettings()
  sampling.maxCompletionLength = 10
  let sampler = PromptSampler(model, sampling)
  let random = CoordinateRandom(seed: 5, stream: "sample")
  let prompts = (1...5).map { number in
    GenerationRequest(
      prompt: model.tokenizer.tokenizer.encode(String(repeating: "x", count: number)),
      promptID: UInt64(number))
  }
  let whole = try sampler.answers(to: prompts, count: 2, random: random)
  let parts = try (0..<2).flatMap { rank in
    try sampler.answers(
      to: Array(prompts[SummationTree.leafRange(count: 5, rank: rank, size: 2)]), count: 2,
      random: random)
  }
  #expect(whole == parts)
  #expect(Set(whole.flatMap { $0 }.map(\.text)).count > 1)
}

/// Interrupted behind the second prompt, in the middle of the third one's line.
@Test func aResumedSampleEqualsOneThatWentStraightThrough() throws {
  let toys = try ToyModels()
  let data = try toys.write(
    #"{"prompt": "a"}"# + "\n" + #"{"prompt": "bc"}"# + "\n" + #"{"prompt": "def"}"#, "data.jsonl")
  let model = try toys.model("model", seed: 4)
  let straight = try toys.run(
    SampleStage.self, settings(2), inputs: ["model": [model], "data": [data]]
  ).output
  let whole = try Files.read("\(straight)/completions.jsonl")
  let ends = whole.indices.filter { whole[$0] == UInt8(ascii: "\n") }
  try #require(ends.count == 3)
  try Files.replace(
    "\(toys.path)/work/stage/completions.jsonl", with: Array(whole[...(ends[1] + 9)]))
  let resumed = try toys.run(
    SampleStage.self, settings(2), inputs: ["model": [model], "data": [data]]
  ).output
  #expect(try Files.read("\(resumed)/completions.jsonl") == whole)
}

@Test func roundsTakeOtherPromptsUntilAllWereTaken() {
  let rounds = (1...3).map { round in
    PromptSelection(count: 9, limit: 3, round: round, seed: 1).indices
  }
  #expect(rounds.flatMap { $0 }.sorted() == Array(0..<9))
  #expect(rounds.allSatisfy { $0 == $0.sorted() })
  #expect(PromptSelection(count: 4, limit: nil, round: 7, seed: 1).indices == [0, 1, 2, 3])
  // 2 of 3 in the second round: one is left of the first pass, one comes from the second.
  #expect(PromptSelection(count: 3, limit: 2, round: 2, seed: 1).indices.count == 2)
}

@Test func aStopStringEndsAnAnswerAndIsNotInItsText() throws {
  let toys = try ToyModels()
  let model = try LanguageModel(path: toys.model("model", seed: 5), compute: Compute())
  let prompt = GenerationRequest(prompt: model.tokenizer.tokenizer.encode("q"), promptID: 1)
  let random = CoordinateRandom(seed: 5, stream: "sample")
  var sampling = SamplingSettings()
  sampling.maxCompletionLength = 30
  let free = try #require(
    try PromptSampler(model, sampling).answers(to: [prompt], count: 1, random: random).first?
      .first)
  try #require(free.text.count > 8)
  let stop = String(free.text.dropFirst(4).prefix(2))
  sampling.stopStrings = [stop]
  let stopped = try #require(
    try PromptSampler(model, sampling).answers(to: [prompt], count: 1, random: random).first?
      .first)
  let end = try #require(free.text.firstRange(of: stop))
  #expect(stopped.text == String(free.text[..<end.lowerBound]))
  #expect(stopped.hasEnded)
  #expect(free.completion.tokens.starts(with: stopped.completion.tokens))
}

@Test func anOverlongPromptIsNamedByItsRow() throws {
  let toys = try ToyModels()
  let data = try toys.write(
    #"{"prompt": "a"}"# + "\n" + #"{"prompt": "\#(String(repeating: "b", count: 40))"}"#,
    "data.jsonl")
  let model = try toys.model("model", seed: 1)
  var settings = settings()
  settings.maxPromptLength = 30
  let error = #expect(throws: (any Error).self) {
    try toys.run(SampleStage.self, settings, inputs: ["model": [model], "data": [data]])
  }
  #expect("\(try #require(error))".contains("row 2"))
}

@Test func samplingSettingsSayWhatWouldBeRight() {
  var settings = SampleStage.Settings()
  settings.topP = 0
  settings.round = 0
  settings.stopStrings = [""]
  let problems = SampleStage.validate(settings)
  #expect(problems.map(\.path) == ["top_p", "stop_strings", "round"])
  #expect(SampleStage.validate(SampleStage.Settings()).isEmpty)
}

@Test func rulesAndTheirWeightsMakeAScore() throws {
  let toys = try ToyModels()
  let file = try toys.write(
    #"{"prompt": "1+1?", "answer": "2", "completions": ["<think>a</think>\\boxed{2}", "\\boxed{2}", "\\boxed{3}"]}"#,
    "completions.jsonl")
  var settings = ScoreSettings()
  settings.rewards = [RewardSettings(kind: .math, weight: 2), RewardSettings(kind: .format)]
  let (output, events) = try toys.run(
    ScoreStage.self, settings, inputs: ["completions": [file]])
  let rows = try CompletionRow.read(output, name: ScoreStage.fileName)
  #expect(rows[0].scores == [3, 2, 0])
  #expect(rows[0].rewards["math"] == [1, 1, 0])
  #expect(rows[0].rewards["format"] == [1, 0, 0])
  #expect(events.figures["scores/best"] == 3)
}

/// A score is that of the conversation's tokens, whatever else is scored beside it.
@Test func aRewardModelScoresEachConversationByItself() throws {
  let toys = try ToyModels()
  let model = try toys.model("reward", seed: 6, head: .score)
  let file = try toys.write(
    #"{"prompt": [{"role": "user", "content": "a"}], "completions": ["b", "ccc"]}"# + "\n"
      + #"{"prompt": "plain", "completions": [{"text": "d", "finish_reason": "length"}]}"#,
    "completions.jsonl")
  var settings = ScoreSettings()
  settings.missingEosPenalty = 1
  let (output, _) = try toys.run(
    ScoreStage.self, settings, inputs: ["completions": [file], "model": [model]])
  let rows = try CompletionRow.read(output, name: ScoreStage.fileName)
  let input = try ModelInput(path: model)
  let transformer = try input.load(head: .score, compute: Compute(), seed: 0, isFrozen: true)
  let ids = try input.tokenizer.encode(
    [.init(role: "user", content: "a"), .init(role: "assistant", content: "ccc")],
    addGenerationPrompt: false)
  let alone = transformer.scores(of: [Array(ids.dropLast())]).values[0]
  #expect(rows[0].scores[1] == Double(alone))
  #expect(rows[0].scores[0] != rows[0].scores[1])
  #expect(rows[1].scores[0] == (rows[1].rewards["model"]?[0] ?? 0) - 1)
}

@Test func scoringWithNothingSaysWhatToGive() throws {
  let toys = try ToyModels()
  let file = try toys.write(#"{"prompt": "a", "completions": ["b"]}"#, "completions.jsonl")
  let error = #expect(throws: BadInput.self) {
    try toys.run(ScoreStage.self, inputs: ["completions": [file]])
  }
  #expect(error?.message.contains("rewards: [{kind: math}]") == true)
}
