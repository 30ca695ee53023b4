import Artifacts
import Datasets
import Generation
import JSON
import OrderedCollections
import Pipeline
import Testing
import Text
import Transformers

@testable import Stages

private func lines(_ path: String) throws -> [String] {
  String(decoding: try Files.read(path), as: UTF8.self).split(separator: "\n").map(String.init)
}

extension ToyModels {
  /// Runs a filter and gives the folder of its outputs, and what it told.
  fileprivate func filter(
    _ change: (inout FilterSettings) -> Void,
    inputs: OrderedDictionary<String, [String]>, digests: OrderedDictionary<String, [String]> = [:]
  ) throws -> (folder: String, events: [StageEvent]) {
    var settings = FilterSettings()
    change(&settings)
    let folder = "\(path)/filtered"
    try Files.remove(folder)
    var outputs: OrderedDictionary<String, String> = [:]
    for slot in FilterStage.outputs(for: settings) {
      outputs[slot.name] = "\(folder)/\(slot.name)"
      try Files.makeDirectory("\(folder)/\(slot.name)")
    }
    let order = WorkOrder(
      kind: "filter", stage: "filter", settings: [:], inputs: inputs, digests: digests,
      outputs: outputs, work: "\(path)/work", seed: 7)
    let told = Told()
    try FilterStage.run(
      settings, StageContext(order: order, shouldStop: { false }) { told.add($0) })
    return (folder, told.all)
  }
}

@Suite struct RowFilterTests {
  @Test func duplicatesAndContaminatedRowsAreLeftOutAndNamed() throws {
    let toys = try ToyModels()
    let rows = [
      #"{"prompt": "Name a bird.", "completion": "Owl."}"#,
      #"{"prompt": "Name a bird.",  "completion": "Jay."}"#,
      #"{"prompt": "What is 1+1 there?", "completion": "2"}"#,
      #"{"prompt": "Name a tree.", "completion": "Oak.", "n": 1.50}"#,
    ]
    let data = try toys.write(rows.joined(separator: "\n"), "data.jsonl")
    let bench = try toys.write(
      #"{"question": "What is 7+8 there?", "answer": "15"}"#, "bench.jsonl")
    let (folder, events) = try toys.filter(
      { $0.deduplicate = .prompt }, inputs: ["data": [data], "against": [bench]])
    #expect(try lines("\(folder)/data/data.jsonl") == [rows[0], rows[3]])
    let dropped = try lines("\(folder)/report/dropped.jsonl")
    #expect(
      dropped == [
        #"{"row":2,"reason":"duplicate","detail":"as row 1"}"#,
        #"{"row":3,"reason":"contaminated","detail":"letters: row 1 of bench.jsonl"}"#,
      ])
    #expect(events.figures["kept"] == 2)
    #expect(events.figures["dropped/contaminated"] == 1)
  }

  /// Two rows of `<|im_start|>user\nabc<|im_end|>\n<|im_start|>assistant\n…`, a character a token.
  @Test func lengthIsCountedInTheModelsTokens() throws {
    let toys = try ToyModels()
    let model = try toys.model("model", seed: 1)
    let data = try toys.write(
      #"{"prompt": "abc", "completion": "d"}"# + "\n" + #"{"prompt": "abc", "completion": "defg"}"#,
      "data.jsonl")
    let (folder, _) = try toys.filter(
      { $0.maxLength = 5 }, inputs: ["data": [data], "model": [model]])
    // abc, d and the end are 5; abc, defg and the end 8.
    #expect(try lines("\(folder)/data/data.jsonl").count == 1)
    #expect(throws: BadInput.self) {
      try toys.filter({ $0.maxLength = 5 }, inputs: ["data": [data]])
    }
  }

  private let scored = """
    {"row":1,"prompt":"a","completions":["x","y","z","w"],"scores":[1,1,1,1],"rewards":{"math":[1,1,1,1]}}
    {"row":2,"prompt":"b","completions":["x","y","z","w"],"scores":[1,0,0,0],"rewards":{"math":[1,0,0,0]}}
    {"row":3,"prompt":"c","completions":["x","y","z","w"],"scores":[0,0,0,0],"rewards":{"math":[0,0,0,0]}}
    """

  /// Pass rates 1, 1/4 and 0, and a row that was not sampled.
  @Test func passRatesBetweenTwoBoundsAreKept() throws {
    let toys = try ToyModels()
    let data = try toys.write(
      ["a", "b", "c", "d"].map { #"{"prompt": "\#($0)"}"# }.joined(separator: "\n"), "data.jsonl")
    let scores = try toys.write(scored, "scores/scores.jsonl")
    let (folder, events) = try toys.filter(
      {
        $0.minPassRate = 0.25
        $0.maxPassRate = 0.625
        $0.passReward = "math"
      }, inputs: ["data": [data], "scores": [Files.directory(of: scores)]])
    #expect(try lines("\(folder)/data/data.jsonl") == [#"{"prompt": "b"}"#])
    #expect(events.figures["dropped/pass_rate_above"] == 1)
    #expect(events.figures["dropped/pass_rate_below"] == 1)
    #expect(events.figures["dropped/not_sampled"] == 1)
  }

  @Test func answersToOtherDataAreRefused() throws {
    let toys = try ToyModels()
    let data = try toys.write(#"{"prompt": "other"}"#, "data.jsonl")
    let scores = try toys.write(scored, "scores/scores.jsonl")
    let error = #expect(throws: BadInput.self) {
      try toys.filter({ $0.minPassRate = 0.1 }, inputs: ["data": [data], "scores": [scores]])
    }
    #expect(error?.message.contains("row 1 of `scores` answers something else") == true)
    try toys.write(#"{"data": "aaaa"}"#, "scores/sampler.json")
    let told = #expect(throws: BadInput.self) {
      try toys.filter(
        { $0.minPassRate = 0.1 },
        inputs: ["data": [data], "scores": [Files.directory(of: scores)]],
        digests: ["data": ["bbbb"]])
    }
    #expect(told?.message.contains("to other data (aaaa) than `data` (bbbb)") == true)
  }

  /// What the reward model says of each row alone decides; a margin wants pairs.
  @Test func theRewardModelsScoreOfARowDecides() throws {
    let toys = try ToyModels()
    let reward = try toys.model("reward", seed: 6, head: .score)
    let rows = (0..<6).map { #"{"prompt": "q\#($0)", "completion": "a\#($0)"}"# }
    let data = try toys.write(rows.joined(separator: "\n"), "data.jsonl")
    let completions = try toys.write(
      (0..<6).map { #"{"prompt": "q\#($0)", "completions": ["a\#($0)"]}"# }.joined(separator: "\n"),
      "completions.jsonl")
    let (output, _) = try toys.run(
      ScoreStage.self, inputs: ["completions": [completions], "model": [reward]])
    let scores = try CompletionRow.read(output, name: ScoreStage.fileName).map { $0.scores[0] }
    let least = scores.sorted()[3]
    let (folder, _) = try toys.filter(
      { $0.minScore = least }, inputs: ["data": [data], "reward": [reward]])
    #expect(
      try lines("\(folder)/data/data.jsonl")
        == rows.indices.filter { scores[$0] >= least }.map { rows[$0] })
  }

  @Test func noPromptIsOnBothSidesOfASplit() throws {
    let toys = try ToyModels()
    let rows = (0..<60).map { #"{"prompt": "question \#($0 % 30)", "completion": "\#($0)"}"# }
    let data = try toys.write(rows.joined(separator: "\n"), "data.jsonl")
    let (folder, events) = try toys.filter({ $0.evalShare = 0.4 }, inputs: ["data": [data]])
    func prompts(_ name: String) throws -> [String] {
      try lines("\(folder)/\(name)/\(name).jsonl").map { String($0.split(separator: ",")[0]) }
    }
    let (kept, held) = (try prompts("data"), try prompts("eval"))
    #expect(kept.count + held.count == 60)
    #expect(!held.isEmpty && Set(kept).isDisjoint(with: held))
    #expect(events.figures["held_out"] == Double(held.count))
  }

  /// Filtered pairs are their sampler's still.
  @Test func whoSampledStaysWithTheRows() throws {
    let toys = try ToyModels()
    try toys.write(#"{"prompt": "p", "chosen": "a", "rejected": "b"}"#, "pairs/pairs.jsonl")
    try toys.write(#"{"model": "aaaa"}"#, "pairs/sampler.json")
    let (folder, _) = try toys.filter({ _ in }, inputs: ["data": ["\(toys.path)/pairs"]])
    #expect(try SamplerRecord(in: "\(folder)/data")?.model == "aaaa")
    #expect(try RowReading().read(datasetFile("\(folder)/data")).rows.count == 1)
  }

  @Test func nothingLeftSaysWhy() throws {
    let toys = try ToyModels()
    let data = try toys.write(#"{"prompt": "a"}"#, "data.jsonl")
    let error = #expect(throws: BadInput.self) {
      try toys.filter({ _ in }, inputs: ["data": [data], "against": [data]])
    }
    #expect(error?.message.contains("of 1 rows none is left for `data`: 1 contaminated") == true)
  }
}

@Suite struct AnswerFilterTests {
  private func scores(_ toys: ToyModels, _ rows: String...) throws -> String {
    Files.directory(of: try toys.write(rows.joined(separator: "\n"), "scores/scores.jsonl"))
  }

  /// Right and ended: `yes` once, and `also`; the text in front of white space says the same.
  @Test func onlyDifferentRightAnswersThatEndedAreLearned() throws {
    let toys = try ToyModels()
    let folder = try scores(
      toys,
      #"{"row":4,"prompt":[{"role":"user","content":"q"}],"completions":["yes",{"text":"cut","finish_reason":"length"},"no"," yes","also"],"scores":[1,1,0,1,1]}"#,
      #"{"row":5,"prompt":[{"role":"user","content":"q"}],"completions":["also"],"scores":[1]}"#)
    let (output, events) = try toys.filter({ _ in }, inputs: ["data": [folder]])
    let rows = try RowReading().read("\(output)/data/data.jsonl").rows.map(\.content)
    let prompt = Prompt.messages([ChatMessage(role: "user", content: "q")])
    #expect(
      rows == [
        .completion(prompt: prompt, completion: "yes"),
        .completion(prompt: prompt, completion: "also"),
      ])
    #expect(events.figures["answers"] == 6)
    #expect(events.figures["dropped/not_passed"] == 1)
    #expect(events.figures["dropped/not_ended"] == 1)
    // ` yes`, and row 5's answer, which row 4 gave to the same question.
    #expect(events.figures["dropped/duplicate"] == 2)
  }

  /// Three answers nearly alike and one of its own: of two, one is that one.
  @Test func underACapThoseThatDifferMostAreTaken() throws {
    let toys = try ToyModels()
    let alike = (1...3).map { "\"the long way around the houses \($0)\"" }.joined(separator: ",")
    let folder = try scores(
      toys, #"{"row":1,"prompt":"q","completions":[\#(alike),"straight on"],"scores":[1,1,1,1]}"#)
    let (output, events) = try toys.filter({ $0.maxPerPrompt = 2 }, inputs: ["data": [folder]])
    let kept = try lines("\(output)/data/data.jsonl")
    #expect(kept.count == 2)
    #expect(kept[1].contains("straight on"))
    #expect(events.figures["dropped/over_the_cap"] == 2)
    let (strict, told) = try toys.filter({ $0.maxSimilarity = 0.5 }, inputs: ["data": [folder]])
    #expect(try lines("\(strict)/data/data.jsonl").count == 2)
    #expect(told.figures["dropped/similar"] == 2)
  }

  @Test func aRewardThatWasNotGivenIsNamed() throws {
    let toys = try ToyModels()
    let folder = try scores(
      toys, #"{"row":1,"prompt":"q","completions":["a"],"scores":[1],"rewards":{"model":[1]}}"#)
    let error = #expect(throws: BadInput.self) {
      try toys.filter({ $0.passReward = "math" }, inputs: ["data": [folder]])
    }
    #expect(error?.message.contains("not scored by `math` (pass_reward), but by model") == true)
  }
}

@Suite struct MixTests {
  private func counts(_ sizes: [Int], _ change: (inout MixSettings) -> Void) -> [Int] {
    var settings = MixSettings()
    change(&settings)
    return MixStage.counts(sizes, settings)
  }

  /// 3 : 1 of 100 and 20 rows: 80 repeat none, 134 leave none out.
  @Test func weightsAreSharesOfTheRows() {
    #expect(counts([100, 20]) { $0.weights = [3, 1] } == [60, 20])
    #expect(
      counts([100, 20]) {
        $0.weights = [3, 1]
        $0.stoppingStrategy = .allExhausted
      } == [101, 33])
    #expect(
      counts([100, 20]) {
        $0.weights = [1, 1]
        $0.maxSamples = 7
      } == [4, 3])
    #expect(counts([100, 20]) { _ in } == [100, 20])
  }

  @Test func layoutsOfOneKindAreWrittenAsOne() throws {
    let toys = try ToyModels()
    let alpaca = try toys.write(
      #"{"instruction": "a", "input": "", "output": "b"}"#, "alpaca.jsonl")
    let chat = try toys.write(
      #"{"conversations": [{"from": "human", "value": "c"}, {"from": "gpt", "value": "d"}]}"#,
      "chat.jsonl")
    let (output, events) = try toys.run(MixStage.self, inputs: ["data": [alpaca, chat]])
    #expect(
      try lines("\(output)/data.jsonl") == [
        #"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}"#,
        #"{"messages":[{"role":"user","content":"c"},{"role":"assistant","content":"d"}]}"#,
      ])
    #expect(events.figures["rows"] == 2)
    let text = try toys.write(#"{"text": "e"}"#, "text.jsonl")
    let error = #expect(throws: BadInput.self) {
      try toys.run(MixStage.self, inputs: ["data": [chat, text]])
    }
    #expect(error?.message.contains("row 1 of \(text) is a `text`") == true)
  }

  /// What is written is read as the row that it was.
  @Test func everyKindOfRowIsReadBack() throws {
    let asked = Prompt.messages([ChatMessage(role: "user", content: "q")])
    let rows: [Row] = [
      .text("a"), .completion(prompt: .text("p"), completion: "c"),
      .completion(prompt: asked, completion: "\n\nHuman: c"),
      .preference(prompt: asked, chosen: "a", rejected: "b", margin: 0.5),
      .preference(prompt: .text("p"), chosen: "a", rejected: "b", margin: nil),
      .unpaired(prompt: asked, completion: "c", label: true),
    ]
    let toys = try ToyModels()
    for row in rows {
      let file = try toys.write(row.json.serialized(.compact), "row.jsonl")
      #expect(try RowReading().read(file).rows.map(\.content) == [row])
    }
  }
}
