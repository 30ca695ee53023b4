import Artifacts
import Checkpoints
import JSON
import Kernels
import OrderedCollections
import Pipeline
import Testing
import Transformers

@testable import Stages

private let pairs = (0..<6).map { row in
  #"{"prompt": "p\#(row / 2)", "chosen": "good \#(row)", "rejected": "bad\#(row)"}"#
}.joined(separator: "\n")

private let texts = (1...6).map { #"{"text": "\#(String(repeating: "ab", count: 5 * $0))"}"# }
  .joined(separator: "\n")

/// Training from a checkpoint in bfloat16, whose frozen base is kept in two bytes, and from the same numbers stored in
/// float32, whose base is not: one adapter and one model, to the last byte.
@Suite struct FrozenWeightsTests {
  private let toys: ToyModels
  /// The same numbers in bfloat16 and in float32.
  private let half: String
  private let whole: String

  init() throws {
    toys = try ToyModels()
    let model = try toys.model("base", seed: 1)
    (half, whole) = ("\(toys.path)/half", "\(toys.path)/whole")
    try toys.write(pairs, "pairs.jsonl")
    try toys.write(texts, "texts.jsonl")
    for (folder, source) in [(half, model), (whole, half)] {
      for (name, json) in ToyModels.files(0.5) {
        try toys.write(json.serialized(), "\(folder.dropFirst(toys.path.count + 1))/\(name)")
      }
      let directory = try ModelDirectory(path: source)
      try directory.load(compute: Compute()).save(
        to: folder, as: directory.architecture,
        elementType: folder == half ? .bfloat16 : .float32)
    }
  }

  private func train<Kind: Stage>(
    _ kind: Kind.Type, _ settings: Kind.Settings, _ model: String, data: String
  ) throws -> (files: [[UInt8]], figures: OrderedDictionary<String, Double>) {
    let name = "\(Kind.kind).\(model == half)"
    let (output, events) = try toys.run(
      kind, settings, name: name, inputs: ["model": [model], "data": ["\(toys.path)/\(data)"]])
    let files = ["\(output)/model.safetensors", "\(output).adapter/adapter_model.safetensors"]
    return (try files.map { try Files.read($0) }, events.figures)
  }

  private func adjust(_ settings: inout TrainingSettings, _ bf16: Bool) {
    settings.lora = LowRankSettings()
    settings.maxSteps = 2
    settings.batchSize = 4
    settings.maxLength = 64
    settings.learningRate = 1e-2
    settings.bf16 = bf16
  }

  @Test(arguments: [false, true])
  func fineTuningGivesTheSameBytes(bf16: Bool) throws {
    var settings = SupervisedStage.Settings()
    adjust(&settings.base, bf16)
    let found = try train(SupervisedStage.self, settings, half, data: "texts.jsonl")
    let expected = try train(SupervisedStage.self, settings, whole, data: "texts.jsonl")
    #expect(found.files == expected.files)
    #expect(found.figures == expected.figures)
  }

  @Test(arguments: [false, true])
  func preferencesGiveTheSameBytes(bf16: Bool) throws {
    var settings = DirectPreferenceStage.Settings()
    adjust(&settings.base, bf16)
    let found = try train(DirectPreferenceStage.self, settings, half, data: "pairs.jsonl")
    let expected = try train(DirectPreferenceStage.self, settings, whole, data: "pairs.jsonl")
    #expect(found.files == expected.files)
    #expect(found.figures == expected.figures)
    #expect(found.figures["loss/first"] == 0.693_147_180_559_945_3)
  }

  /// The plan knows what the files hold: two bytes less for every number of a matrix, once.
  @Test func thePlanCountsTwoBytes() throws {
    var settings = TrainingSettings()
    adjust(&settings, false)
    func weights(_ path: String, initialize: Bool = false) throws -> Int {
      let order = WorkOrder(
        kind: "sft", stage: "sft", settings: [:], inputs: [:], outputs: [:], work: toys.path,
        seed: 1)
      let memory = TrainingMemory(
        try ModelDirectory(path: path), settings, TrainingDemand(StepLoad()),
        StageContext(order: order) { _ in }, initialize: initialize)
      return memory.parts(recomputed: 0).first { $0.name == "weights" }?.bytes ?? 0
    }
    let layer = 16 * 16 + 2 * 8 * 16 + 16 * 16 + 3 * 32 * 16
    #expect(try weights(whole) - weights(half) == 2 * (layer + 2 * 99 * 16))
    #expect(try weights(half, initialize: true) == weights(whole))
  }
}
