import Artifacts
import Collectives
import Datasets
import Foundation
import JSON
import Kernels
import OrderedCollections
import Pipeline
import Rewards
import Testing
import Transformers

@testable import Stages

/// Data of every named suite, a row or two each, in its published layout.
private func suites(_ toys: ToyModels) throws -> OrderedDictionary<String, [String]> {
  let ifeval =
    #"{"key": 1, "prompt": "Say a.", "instruction_id_list": ["punctuation:no_comma", "length_constraints:number_words"], "kwargs": [{}, {"num_words": 1, "relation": "at least"}]}"#
  let problem = #"{"question": "1+1?", "answer": "So 2.\n#### 2"}"#
  try toys.write(
    "What is a?,b,c,d,e,A\n\"Is \"\"f\"\", or g?\",1,2,3,4,C\n", "mmlu/test/letters_test.csv")
  try toys.write("What is z?,b,c,d,e,D\n", "mmlu/dev/letters_dev.csv")
  return [
    "ifeval": [try toys.write(ifeval, "ifeval.jsonl")],
    "gsm8k": [try toys.write(problem, "gsm8k.jsonl")],
    "aime": [try toys.write(#"[{"problem": "2+2?", "answer": 4}]"#, "aime.json")],
    "mmlu": ["\(toys.path)/mmlu"],
    "choices": [
      try toys.write(
        #"{"question": "a?", "choices": {"text": ["b", "c"], "label": ["A", "B"]}, "answerKey": "B"}"#,
        "arc.jsonl")
    ],
    "mt_bench": [try toys.write(#"{"question_id": 81, "turns": ["a", "b"]}"#, "mt.jsonl")],
    "alpaca_eval": [
      try toys.write(#"[{"instruction": "a", "output": "b", "generator": "c"}]"#, "alpaca.json")
    ],
  ]
}

private func settings() -> EvaluateStage.Settings {
  var settings = EvaluateStage.Settings()
  for kind in SuiteKind.allCases where ![.math, .cmmlu, .ceval].contains(kind) {
    var options = SuiteOptions()
    options.maxCompletionLength = 6
    settings.own.suites[kind.rawValue] = options
  }
  settings.own.suites["aime"]?.numGenerations = 4
  settings.own.suites["aime"]?.passAt = [2]
  settings.own.suites["gsm8k"]?.promptSuffix = ""
  settings.own.suites["aime"]?.promptSuffix = ""
  settings.own.suites["mmlu"]?.numFewshot = 1
  settings.own.suites["needle"]?.lengths = [240]
  settings.own.suites["needle"]?.depths = [0, 100]
  settings.own.suites["needle"]?.languages = ["en"]
  return settings
}

private func evaluated(
  _ toys: ToyModels, _ settings: EvaluateStage.Settings, name: String = "stage"
) throws -> (output: String, events: [StageEvent]) {
  var inputs = try suites(toys)
  inputs["models"] = [try toys.model("one", seed: 1), try toys.model("two", seed: 2)]
  inputs["reward"] = [try toys.model("reward", seed: 9, head: .score)]
  return try toys.run(EvaluateStage.self, settings, name: name, inputs: inputs)
}

@Test func everyNamedSuiteHasItsFigures() throws {
  let toys = try ToyModels()
  let (output, events) = try evaluated(toys, settings())
  let figures = events.figures
  for name in [
    "ifeval/prompt_level_strict_acc", "ifeval/inst_level_loose_acc", "gsm8k/accuracy",
    "gsm8k/flexible_accuracy", "aime/accuracy", "aime/pass@2", "aime/pass@4", "aime/majority@4",
    "mmlu/acc", "choices/acc_norm", "mt_bench/mean_reward", "mt_bench/mean_reward/turn_2",
    "alpaca_eval/win_rate", "needle/accuracy", "needle/cutoff_ratio",
  ] {
    #expect(figures["one/\(name)"] != nil && figures["two/\(name)"] != nil, "\(name)")
  }
  let report = try JSON(parsing: Files.read("\(output)/report.json"))
  let aime = report["models"]?.array?.first?["suites"]?["aime"]?["accuracy"]
  #expect(aime?["n"] == 1 && aime?["k"] == 4 && aime?["count"] == 4)
  #expect(report["differences"]?.array?.contains { $0["figure"]?.string == "mmlu/acc" } == true)
  let lines = try toys.text("\(output)/generations.jsonl").split(separator: "\n").map {
    try JSON(parsing: Array($0.utf8))
  }
  let turns = try #require(lines.first { $0["suite"]?.string == "mt_bench" }?["answers"]?.array)
  // The second turn stands behind the model's own answer to the first.
  #expect(turns.count == 2)
  #expect(turns[1]["prompt"]?.array?[1]["content"] == turns[0]["text"])
  let choice = try #require(lines.first { $0["suite"]?.string == "mmlu" })
  #expect(
    choice["prompt"]?.string
      == "The following are multiple choice questions (with answers) about letters.\n\n"
      + "What is z?\nA. b\nB. c\nC. d\nD. e\nAnswer: D\n\nWhat is a?\nA. b\nB. c\nC. d\nD. e\nAnswer:"
  )
  let needle = try #require(lines.last { $0["suite"]?.string == "needle" }?["reference"])
  #expect((needle["tokens"]?.int ?? 0) <= 240 && needle["depth"] == 100)
}

/// Interrupted in the middle, the same command goes on and makes the same bytes; what was done is not done again.
@Test func anInterruptedEvaluationGoesOn() throws {
  let toys = try ToyModels()
  let whole = try files(evaluated(toys, settings()).output)
  // Logs as interruptions leave them: cut within a line, changed, gone, whole.
  let parts = "\(toys.path)/work/stage/parts"
  let names = try Files.names(in: parts).sorted()
  #expect(names.count == 20)
  for (index, name) in names.enumerated() where index % 4 < 3 {
    var bytes = try Files.read("\(parts)/\(name)")
    if index % 4 == 0 { bytes.removeLast(min(bytes.count, 30)) }
    if index % 4 == 1 { bytes[bytes.count / 2] ^= 1 }
    try Files.replace("\(parts)/\(name)", with: index % 4 == 2 ? [] : bytes)
  }
  let resumed = try files(evaluated(toys, settings()).output)
  #expect(resumed.map(\.0) == ["generations.jsonl", "report.json", "report.md"])
  for (file, before) in zip(resumed, whole) {
    let lines = file.1.split(separator: UInt8(ascii: "\n")).map {
      String(decoding: $0, as: UTF8.self)
    }
    let expected = before.1.split(separator: UInt8(ascii: "\n")).map {
      String(decoding: $0, as: UTF8.self)
    }
    let difference = zip(lines, expected).first { $0 != $1 }
    #expect(lines == expected, "\(difference?.0 ?? "") is not \(difference?.1 ?? "")")
  }
}

private func files(_ folder: String) throws -> [(String, [UInt8])] {
  try Files.names(in: folder).sorted().map { ($0, try Files.read("\(folder)/\($0)")) }
}

@Test func equalModelsScoreTheSameAndAModelCanBeScoredAlone() throws {
  let toys = try ToyModels()
  let rows = try RowReading().read(
    toys.write(#"{"question": "1+1?", "answer": "2"}"#, "problems.jsonl"))
  var sampling = SamplingSettings()
  sampling.maxCompletionLength = 5
  let suite = ProblemSuite(
    name: "problems", questions: SuiteQuestions(rows, sampling, overlong: .error),
    settings: sampling)
  let scorer = SuiteScorer(communicator: SingleProcess(), seed: 3)
  let path = try toys.model("model", seed: 1)
  let first = try scorer.score(modelAt: path, compute: Compute(), on: suite)
  let second = try scorer.score(LanguageModel(path: path, compute: Compute()), on: suite)
  #expect(first.items == second.items && first.items.count == 1)
  #expect(first["accuracy"]?.count == 4 && first["loss"] == nil)
}

@Test func lastNumbersAreFound() {
  #expect(LastNumber.of("It is $1,234.50, I think.") == "1234.50")
  #expect(LastNumber.of("from 3 to -7.") == "-7")
  #expect(LastNumber.of("none") == nil)
  #expect(LastNumber.of("1. one 2.") == "2")
}

@Test func aNumberWithinAnotherIsNotTheNeedle() {
  #expect(NeedleSuite.holds("It is 1,234,567.", "1234567"))
  #expect(!NeedleSuite.holds("It is 12345678.", "1234567"))
  #expect(!NeedleSuite.holds("", "1234567"))
}

@Test func questionsOfEveryLayoutAreRead() throws {
  let toys = try ToyModels()
  let cmmlu = try toys.write(
    "\u{FEFF},Question,A,B,C,D,Answer\r\n0,\"一, 二\n三?\",甲,乙,丙,丁,B\r\n", "cmmlu.csv")
  let read = try ChoiceQuestions(cmmlu).questions
  #expect(read.count == 1 && read[0].answer == 1 && read[0].question == "一, 二\n三?")
  let list = try toys.write(
    #"{"question": "a", "choices": ["b", "c", "d"], "answer": 2, "subject": "s"}"#, "list.jsonl")
  #expect(try ChoiceQuestions(list).questions[0].subject == "s")
  let wrong = try toys.write(
    #"{"question": "a", "choices": ["b", "c"], "answer": "E"}"#, "wrong.jsonl")
  let error = #expect(throws: BadInput.self) { try ChoiceQuestions(wrong) }
  #expect(error?.message.contains("row 1 is no question with choices") == true)
}

/// The words of lm-eval's tasks; only ARC's question is taken with its white space.
@Test func questionsAreAskedInTheirSetsWords() throws {
  let toys = try ToyModels()
  let model = try LanguageModel(path: toys.model("model", seed: 1), compute: Compute())
  func asked(_ style: ChoiceSuite.Style, _ subject: String?) throws -> String? {
    let question = ChoiceQuestion(
      row: 1, subject: subject, question: " a? ", choices: ["b", "c"], answer: 0)
    let suite = ChoiceSuite(name: "choices", style: style, questions: [question])
    return try suite.tasks(for: model).first?.text
  }
  #expect(
    try asked(.letters, "high_school_biology")
      == "The following are multiple choice questions (with answers) about high school biology.\n\n"
      + "a?\nA. b\nB. c\nAnswer:")
  #expect(
    try asked(.ceval, "law") == "以下是中国关于法学的单项选择题，请选出其中的正确答案。\n\na?\nA. b\nB. c\n答案：")
  #expect(
    try asked(.cmmlu, "anatomy") == "以下是关于解剖学的单项选择题，请直接给出正确答案的选项。\n\na?\nA. b\nB. c\n答案：")
  #expect(
    try asked(.cmmlu, nil) == "以下是单项选择题，请直接给出正确答案的选项。\n\na?\nA. b\nB. c\n答案：")
  #expect(try asked(.texts, "law") == "Question:  a? \nAnswer:")
}

@Test func anInstructionThatIsUnknownIsNamed() throws {
  let toys = try ToyModels()
  let data = try toys.write(
    #"{"prompt": "a", "instruction_id_list": ["keywords:existense"], "kwargs": [{}]}"#,
    "ifeval.jsonl")
  let error = #expect(throws: BadInput.self) {
    try toys.run(
      EvaluateStage.self, inputs: ["models": [toys.model("model", seed: 1)], "ifeval": [data]])
  }
  #expect(error?.message.contains("row 1: \"keywords:existense\" is none of the 25") == true)
}

@Test func aSuiteThatIsUnknownIsNamed() {
  var settings = EvaluateStage.Settings()
  settings.own.suites["gsm8"] = SuiteOptions()
  let problems = EvaluateStage.validate(settings)
  #expect(problems.map(\.path) == ["suites.gsm8"])
  #expect(problems[0].message.contains("gsm8k"))
}
