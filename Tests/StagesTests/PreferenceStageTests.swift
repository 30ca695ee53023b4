import Artifacts
import Datasets
import JSON
import Kernels
import Objectives
import OrderedCollections
import Testing
import Transformers

@testable import Pipeline
@testable import Stages

private let pairs = (0..<6).map { row in
  #"{"prompt": "p\#(row / 2)", "chosen": "good \#(row)", "rejected": "bad\#(row)"}"#
}.joined(separator: "\n")

@Suite struct PreferenceStageTests {
  private let toys: ToyModels
  private let model: String
  private let data: String

  init() throws {
    toys = try ToyModels()
    model = try toys.model("base", seed: 1)
    data = try toys.write(pairs, "pairs.jsonl")
  }

  private func settings(_ steps: Int = 3) -> DirectPreferenceStage.Settings {
    var settings = DirectPreferenceStage.Settings()
    settings.maxSteps = steps
    settings.batchSize = 4
    settings.maxLength = 64
    settings.learningRate = 1e-2
    return settings
  }

  private func reference(
    _ name: String, model: String, maxLength: Int = 64, tokenizer: [String]? = nil
  ) throws -> String {
    var settings = ReferenceStage.Settings()
    settings.base.maxLength = maxLength
    var inputs: OrderedDictionary<String, [String]> = ["model": [model], "data": [data]]
    inputs["tokenizer"] = tokenizer
    return try toys.run(ReferenceStage.self, settings, name: name, inputs: inputs).output
  }

  private func train(
    _ settings: DirectPreferenceStage.Settings, name: String,
    _ more: OrderedDictionary<String, [String]> = [:]
  ) throws -> (weights: [UInt8], figures: OrderedDictionary<String, Double>) {
    var inputs: OrderedDictionary<String, [String]> = ["model": [model], "data": [data]]
    inputs.merge(more) { _, new in new }
    let (output, events) = try toys.run(
      DirectPreferenceStage.self, settings, name: name, inputs: inputs)
    return (try Files.read("\(output)/model.safetensors"), events.figures)
  }

  /// Made beforehand or on the way, the reference says the same.
  @Test(arguments: [false, true])
  func aFileOfReferencesChangesNothing(isAdapter: Bool) throws {
    var settings = settings()
    if isAdapter { settings.lora = LowRankSettings() }
    let file = try reference("reference", model: model)
    let straight = try train(settings, name: "straight")
    let prepared = try train(settings, name: "prepared", ["ref_log_probs": [file]])
    #expect(straight.weights == prepared.weights)
    // −log σ(0), the mean over four pairs of which each is that to the last bit.
    #expect(straight.figures["loss/first"] == 0.693_147_180_559_945_3)
    // Another model's numbers, for this model's tokens.
    let other = try toys.model("other", seed: 2)
    let named = try train(settings, name: "named", ["reference": [other]])
    let foreign = try reference("foreign", model: other, tokenizer: [model])
    let both: OrderedDictionary<String, [String]> = [
      "reference": [other], "ref_log_probs": [foreign],
    ]
    #expect(try train(settings, name: "both", both).weights == named.weights)
    #expect(named.weights != straight.weights)
  }

  @Test func numbersOfOtherTokensAreRefused() throws {
    let file = try reference("reference", model: model)
    try toys.write(pairs.replacing("good 5", with: "gold 5"), "pairs.jsonl")
    let error = #expect(throws: BadInput.self) {
      try train(settings(), name: "stage", ["ref_log_probs": [file]])
    }
    #expect(error?.message.contains("log-probabilities of other tokens") == true)
  }

  /// The reference is said to be the model itself, and its numbers are another's.
  @Test func aReferenceThatIsNotTheModelIsFoundBeforeTheFirstStep() throws {
    let file = try reference("reference", model: try toys.model("other", seed: 2))
    let error = #expect(throws: BadInput.self) {
      try train(settings(), name: "stage", ["ref_log_probs": [file]])
    }
    #expect(error?.message.contains("have to agree to the last bit; of answer 1") == true)
  }

  @Test func onlyAReferenceThatStaysIsMadeBeforehand() throws {
    let kind = StageKind(DirectPreferenceStage.self)
    func prepared(
      _ settings: JSON, _ inputs: [String: [Source]] = [:]
    ) throws -> [Preparation] {
      var all: [String: [Source]] = ["model": [.path("m")], "data": [.path("d")]]
      all.merge(inputs) { _, new in new }
      let (resolved, problems) = kind.resolve(LocatedValue(settings))
      #expect(problems.isEmpty)
      return try kind.preparations(try #require(resolved).all, all)
    }
    let first = try #require(try prepared(["max_length": 77]).first)
    #expect(first.name == "reference" && first.kind == "reference")
    #expect(first.slot == "ref_log_probs")
    #expect(first.settings["max_length"] == 77)
    #expect(first.inputs.map(\.slot) == ["data", "model"])
    // Another loss or β asks for the very same.
    let other = try #require(
      try prepared(["max_length": 77, "beta": 0.5, "loss_type": ["nca_pair", "sft"]]).first)
    #expect(other.settings == first.settings)
    let named = try #require(try prepared([:], ["reference": [.path("r")]]).first)
    #expect(named.inputs.map(\.slot) == ["data", "model", "tokenizer"])
    #expect(named.inputs[1].sources == [.path("r")])
    #expect(try prepared(["loss_type": "simpo"]).isEmpty)
    #expect(try prepared(["reference_free": true]).isEmpty)
    #expect(try prepared(["sync_ref_model": true]).isEmpty)
    #expect(try prepared([:], ["ref_log_probs": [.path("f")]]).isEmpty)
    #expect(!StageKind(ReferenceStage.self).usesRandomness)
  }

  /// A reference that becomes the policy at every step: each loss is −log σ(0).
  @Test(arguments: [false, true])
  func aReferenceCanFollowThePolicy(bf16: Bool) throws {
    var settings = settings(4)
    settings.bf16 = bf16
    settings.syncRefModel = true
    settings.refModelMixupAlpha = 1
    settings.refModelSyncSteps = 1
    let file = toys.path + "/work/follow/ends.jsonl"
    let whole = try train(settings, name: "follow").figures
    #expect(whole["loss"] == 0.693_147_180_559_945_3)
    #expect(Files.exists(file))
    // Halfway between, and only behind every second step, it is neither.
    settings.refModelMixupAlpha = 0.5
    settings.refModelSyncSteps = 2
    let half = try train(settings, name: "half")
    #expect(half.figures["loss"] != whole["loss"])
    settings.syncRefModel = false
    #expect(half.weights != (try train(settings, name: "fixed")).weights)
  }

  /// Runs that go on from the checkpoint behind their last step but one or two, against runs that never stopped.
  @Test(arguments: ["sync", "bco_pair", "aot", "sigmoid"], [false, true])
  func aStageGoesOnWhereItWas(what: String, bf16: Bool) throws {
    var settings = settings(4)
    settings.bf16 = bf16
    settings.syncRefModel = what == "sync"
    settings.refModelMixupAlpha = 0.5
    settings.refModelSyncSteps = 1
    settings.lossType = PreferenceLossList([what == "sync" ? "sigmoid" : what])
    let straight = try train(settings, name: "straight").weights
    settings.saveSteps = 3
    let first = try train(settings, name: "again").weights
    #expect(Files.exists("\(toys.path)/work/again/checkpoints/step-00000003/checkpoint.json"))
    let resumed = try train(settings, name: "again").weights
    #expect(first == straight)
    #expect(resumed == straight)
  }

  @Test func mistakesAreNamed() throws {
    func problems(_ change: (inout DirectPreferenceStage.Settings) -> Void) -> String {
      var settings = DirectPreferenceStage.Settings()
      change(&settings)
      return DirectPreferenceStage.validate(settings).map(\.message).joined(separator: "; ")
    }
    #expect(problems { _ in } == "")
    #expect(problems { $0.lossType = "kto" }.contains("the kind `kto`"))
    #expect(problems { $0.lossType = "sigmod" }.contains("did you mean `sigmoid`"))
    #expect(problems { $0.lossType = "exo_pair" }.contains("infinite at label_smoothing 0"))
    #expect(problems { $0.lossType = PreferenceLossList([]) }.contains("empty"))
    #expect(
      problems { $0.lossType = PreferenceLossList(["ipo", "ipo"]) }.contains("listed twice"))
    #expect(problems { $0.lossWeights = [1, 2] }.contains("2 weights for 1 losses"))
    #expect(problems { $0.labelSmoothing = 0.5 }.contains("0 to below 0.5"))
    #expect(problems { $0.ldAlpha = 2 }.contains("ld_alpha is 2.0, where 0 to 1"))
    let both = problems {
      $0.syncRefModel = true
      $0.lora = LowRankSettings()
    }
    #expect(both.contains("cannot follow"))
    let none = problems {
      $0.syncRefModel = true
      $0.lossType = "orpo"
    }
    #expect(none.contains("no reference that could follow"))
  }

  @Test func aListOfLossesIsReadAndWritten() throws {
    let kind = StageKind(DirectPreferenceStage.self)
    for value in ["sigmoid", ["sigmoid", "sft"]] as [JSON] {
      let (resolved, problems) = kind.resolve(LocatedValue(["loss_type": value]))
      #expect(problems.isEmpty)
      #expect(resolved?.all["loss_type"] == value)
    }
  }
}

@Suite struct JudgementStageTests {
  /// The answer of the next row with another prompt; the last row goes on with the first.
  @Test func anotherPromptsAnswerIsTheNextOnes() throws {
    let toys = try ToyModels()
    let input = try ModelInput(path: try toys.model("base", seed: 1))
    let judgements = [(1, 10), (1, 11), (2, 12), (3, 13), (1, 14)].map {
      TokenJudgement(prompt: [Int32($0.0), 5], answer: [Int32($0.1)], isGood: true)
    }
    var reading = AnswerReading()
    let found = reading.mismatched(judgements, input)
    #expect(found.map { $0.tokens.last } == [12, 12, 13, 14, 12])
    #expect(found.map { $0.tokens.first } == [1, 1, 2, 3, 1])
    // Without another prompt, the next answer.
    let same = reading.mismatched(Array(judgements.prefix(2)), input)
    #expect(same.map { $0.tokens.last } == [11, 10])
    // Cut to what fits behind the prompt.
    reading.maxLength = 3
    let long = [(1, 9), (2, 9)].map {
      TokenJudgement(
        prompt: [Int32($0.0), 5], answer: [Int32($0.1), 8, 7], isGood: false)
    }
    #expect(reading.mismatched(long, input).map(\.tokens.count) == [3, 3])
  }

  /// Pairs are two rows each; π = ref costs ½ and has no divergence; more steps cost less.
  @Test func answersAreJudgedOneByOne() throws {
    let toys = try ToyModels()
    let model = try toys.model("base", seed: 1)
    let data = try toys.write(pairs, "pairs.jsonl")
    let rows = (0..<6).flatMap { row in
      [("good \(row)", true), ("bad\(row)", false)].map {
        #"{"prompt": "p\#(row / 2)", "completion": "\#($0.0)", "label": \#($0.1)}"#
      }
    }
    let unpaired = try toys.write(rows.joined(separator: "\n"), "judged.jsonl")
    var settings = JudgementStage.Settings()
    settings.maxSteps = 4
    settings.batchSize = 6
    settings.maxLength = 64
    settings.learningRate = 1e-2
    var weights: [[UInt8]] = []
    for (name, file) in [("pairs", data), ("rows", unpaired)] {
      let (output, events) = try toys.run(
        JudgementStage.self, settings, name: name, inputs: ["model": [model], "data": [file]])
      weights.append(try Files.read("\(output)/model.safetensors"))
      let figures = events.figures
      #expect(abs((figures["loss/first"] ?? 0) - 0.5) < 1e-15)
      #expect(figures["kl/first"] == 0)
      #expect((figures["loss"] ?? 1) < 0.5)
      #expect(figures["desirable"] == 6 && figures["undesirable"] == 6)
    }
    #expect(weights[0] == weights[1])
  }
}
