import Artifacts
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

/// What weights are kept in while answers are drawn.
@Suite struct SamplingWeightsTests {
  private static let kinds: [StageKind] = [
    StageKind(SampleStage.self), StageKind(EvaluateStage.self), StageKind(CompareStage.self),
    StageKind(MergeSearchStage.self), StageKind(PolicyGradientStage.self),
  ]

  private static let problems =
    #"{"question": "1+1?", "answer": "2"}"# + "\n" + #"{"question": "2+1?", "answer": "3"}"#

  private static func settings(_ weights: PackedWeights.Format?) -> SampleStage.Settings {
    var settings = SampleStage.Settings()
    settings.numGenerations = 3
    settings.maxCompletionLength = 12
    settings.weights = weights
    return settings
  }

  private static func sampled(
    _ toys: ToyModels, _ settings: SampleStage.Settings, name: String
  ) throws -> String {
    let data = try toys.write(problems, "data.jsonl")
    return try toys.run(
      SampleStage.self, settings, name: name,
      inputs: ["model": [toys.model("model", seed: 1)], "data": [data]]
    ).output
  }

  /// A workspace's keys of before there was the setting: what is written here is such a key's part.
  @Test func keysWithoutTheSettingAreWhatTheyWere() throws {
    for kind in SamplingWeightsTests.kinds {
      let settings = try #require(kind.resolve(LocatedValue([:] as JSON)).0, "\(kind.name)")
      #expect(settings.semantic["weights"] == nil && settings.all["weights"] == .null)
    }
    let sample = try #require(StageKind(SampleStage.self).resolve(LocatedValue([:] as JSON)).0)
    #expect(
      sample.semantic.serialized(.canonical)
        == #"{"bf16":false,"format":null,"frequency_penalty":0.0,"max_completion_length":256,"max_new_tokens":null,"#
        + #""max_prompt_length":null,"max_samples":null,"min_p":0.0,"num_generations":4,"on_malformed":"error","#
        + #""on_overlong":"error","presence_penalty":0.0,"repetition_penalty":1.0,"round":1,"stop_strings":[],"#
        + #""temperature":1.0,"top_k":0,"top_p":1.0}"#)
  }

  @Test func theSettingIsPartOfTheKeyWhereItIsSet() throws {
    for kind in SamplingWeightsTests.kinds where kind.name != "grpo" {
      let (settings, problems) = kind.resolve(LocatedValue(["weights": "int8"] as JSON))
      #expect(problems.isEmpty && settings?.semantic["weights"] == "int8", "\(kind.name)")
    }
    let problems = StageKind(SampleStage.self).resolve(LocatedValue(["weights": "int"] as JSON)).1
    #expect(
      problems.first?.message
        == "`weights` is one of float32, bfloat16, int8, int4, found the text \"int\"; did you mean `int8`?"
    )
  }

  /// grpo takes its completions for the policy's own, which rounded weights are not.
  @Test func aPolicyGradientTakesNoOtherSamplerThanThePolicy() {
    func problems(_ weights: PackedWeights.Format?, bf16: Bool = false) -> [SettingProblem] {
      var settings = PolicyGradientStage.Settings()
      settings.own.sampling.weights = weights
      settings.bf16 = bf16
      return PolicyGradientStage.validate(settings)
    }
    #expect(problems(nil).isEmpty && problems(.float32).isEmpty)
    #expect(problems(nil, bf16: true).isEmpty && problems(.bfloat16, bf16: true).isEmpty)
    #expect(problems(.bfloat16).map(\.path) == ["weights"])
    #expect(problems(.float32, bf16: true).map(\.path) == ["weights"])
    let message = problems(.int8).first?.message ?? ""
    #expect(message.hasPrefix("weights is int8, where float32, or leaving it out, would be right"))
    #expect(message.contains("`sample` with weights: int8") && message.contains("`rollouts`"))
  }

  /// The generator over the weights in that format, as `generate` has it, with the stage's own randomness.
  @Test(arguments: [PackedWeights.Format.bfloat16, .int8, .int4])
  func aSampleDrawsFromTheFormatsOwnNumbers(format: PackedWeights.Format) throws {
    let toys = try ToyModels()
    let settings = SamplingWeightsTests.settings(format)
    let output = try SamplingWeightsTests.sampled(toys, settings, name: "sample")
    let rows = try CompletionRow.read(output, name: SampleStage.fileName)
    let input = try ModelInput(path: "\(toys.path)/model")
    let network = try input.directory.loadForDecoding(compute: Compute(), format: format)
    let requests = try rows.flatMap { row in
      let prompt = try input.tokenizer.encode(row.prompt)
      return (0..<3).map {
        GenerationRequest(prompt: prompt, promptID: UInt64(row.row), sample: UInt32($0))
      }
    }
    let expected = try Generator(network).generate(
      requests,
      settings.base.parameters(
        stopTokens: input.stopTokens,
        vocabularyLimit: input.tokenizer.tokenizer.vocabularySize),
      random: CoordinateRandom(seed: 7, stream: "sample"))
    #expect(rows.flatMap(\.completions).map(\.completion) == expected)
    #expect(try SamplerRecord(in: output)?.weights == format.rawValue)
  }

  /// The record without the setting has no word of it, so that its bytes are those of before.
  @Test func theRecordSaysTheFormatWhereItIsNotTheModelsOwn() throws {
    let toys = try ToyModels()
    let plain = try SamplingWeightsTests.sampled(
      toys, SamplingWeightsTests.settings(nil), name: "plain")
    #expect(
      try SamplerRecord(in: plain)?.json["settings"]?.object?.keys.contains("weights") == false)
    let rounded = try SamplingWeightsTests.sampled(
      toys, SamplingWeightsTests.settings(.int4), name: "rounded")
    #expect(try SamplerRecord(in: rounded)?.weights == "int4")
    #expect(
      try Files.read("\(plain)/completions.jsonl") != Files.read("\(rounded)/completions.jsonl"))
  }

  /// Answers change, log-likelihoods do not, and the report says what the weights were kept in.
  @Test func anEvaluationAsksTheFormatAndTellsLogLikelihoodsInTheModelsOwn() throws {
    let toys = try ToyModels()
    let model = try toys.model("model", seed: 1)
    let problems = try toys.write(SamplingWeightsTests.problems, "problems.jsonl")
    let texts = try toys.write(#"{"text": "abcdef"}"#, "texts.jsonl")
    func evaluated(_ weights: PackedWeights.Format?) throws -> (report: JSON, lines: [String]) {
      var settings = EvaluateStage.Settings()
      settings.maxCompletionLength = 12
      settings.weights = weights
      let output = try toys.run(
        EvaluateStage.self, settings, name: weights?.rawValue ?? "plain",
        inputs: ["models": [model], "problems": [problems], "text": [texts]]
      ).output
      return (
        try JSON(parsing: Files.read("\(output)/report.json")),
        try toys.text("\(output)/generations.jsonl").split(separator: "\n").map(String.init)
      )
    }
    let (plain, rounded) = (try evaluated(nil), try evaluated(.int4))
    #expect(plain.report["sampling"]?.object?.keys.contains("weights") == false)
    #expect(rounded.report["sampling"]?["weights"] == "int4")
    #expect(plain.lines.count == 3 && rounded.lines.count == 3)
    // The suites in their order: both problems, then the text.
    #expect(plain.lines[2] == rounded.lines[2] && plain.lines[2].contains("\"loss\""))
    #expect(plain.lines[0] != rounded.lines[0])
  }

  @Test func aRoundsReportSaysWhichWeightsAnswered() throws {
    let toys = try ToyModels()
    let model = try toys.model("model", seed: 1)
    let data = try toys.write(#"{"prompt": "say"}"#, "prompts.jsonl")
    for weights in [PackedWeights.Format?.none, .int8] {
      var settings = CompareStage.Settings()
      settings.maxCompletionLength = 10
      settings.own.rewards = [RewardSettings(kind: .length)]
      settings.weights = weights
      let (output, events) = try toys.run(
        CompareStage.self, settings, name: weights?.rawValue ?? "plain",
        inputs: ["model": [model], "start": [model], "data": [data]])
      let report = try JSON(parsing: Files.read("\(output)/report.json"))
      #expect(report["weights"]?.string == weights?.rawValue)
      #expect(events.figures["kl"] == 0)
    }
  }

  /// Pairs are learnt from as texts: whose log-probabilities drew them is nothing to the loss.
  @Test func compositesHandTheSettingToTheirSamplers() throws {
    let inputs: [String: [Source]] = [
      "model": [.path("m")], "reward": [.path("r")], "data": [.path("d")],
    ]
    for kind in [
      CompositeKind(OnlinePreferenceStage.self), CompositeKind(RejectionSamplingStage.self),
    ] {
      let (expansion, problems) = kind.expand(
        LocatedValue(["weights": "int8"] as JSON), inputs)
      #expect(problems.isEmpty, "\(kind.name)")
      let stages = try #require(expansion?.stages)
      let told = stages.filter { $0.settings["weights"] == "int8" }.map(\.kind)
      #expect(Set(told) == (kind.name == "rft" ? ["sample"] : ["sample", "compare"]))
    }
  }
}
