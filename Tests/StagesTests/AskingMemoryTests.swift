import Artifacts
import JSON
import Kernels
import OrderedCollections
import Pipeline
import Testing
import Transformers

@testable import Stages

private let shape = TransformerShape(
  vocabularySize: 1000, hiddenSize: 64, intermediateSize: 128, layerCount: 8, queryHeads: 4,
  keyValueHeads: 2, headDimension: 16, normEpsilon: 1e-5, rotary: RotaryConfiguration(base: 100),
  maximumPosition: 512, tiesEmbeddings: true, hasQueryKeyValueBias: false, initializerRange: 0.02)

/// Two prompts of 70 tokens with four samples of 60 each.
private let sampling = SamplingMemory(
  sequences: 8, samplesPerPrompt: 4, promptLength: 70, newTokens: 60)

@Suite struct AskingMemoryTests {
  /// Four pages of each prompt are shared, and each sample has five of its own: 129 positions are nine pages.
  @Test func theCacheIsCountedInPages() {
    #expect(sampling.cacheBytes(shape) == (2 * 4 + 8 * 5) * shape.cachePageBytes)
    // One sample, and the page in which the prompt ends for those that wait.
    #expect(sampling.leastCacheBytes(shape) == 10 * shape.cachePageBytes)
    var limited = sampling
    limited.cacheLimit = 5000
    #expect(limited.cacheBytes(shape) == 5000)
  }

  /// 4 bytes, 2, and 34 for 32 numbers; of `int4` 20 for 32, but for the vocabulary's.
  @Test func theFormatsHaveTheirBytes() {
    let memory = TrainingMemory(shape: shape, settings: TrainingSettings(), load: StepLoad())
    let weights = Transformer.parameterCounts(shape, head: .language, lowRank: nil).base
    let table = shape.vocabularySize * shape.hiddenSize * (shape.tiesEmbeddings ? 1 : 2)
    #expect(memory.packedBytes(as: nil) == 4 * weights)
    #expect(memory.packedBytes(as: .float32) == 4 * weights)
    #expect(memory.packedBytes(as: .bfloat16) == 2 * weights)
    #expect(memory.packedBytes(as: .int8) == weights * 34 / 32)
    #expect(memory.packedBytes(as: .int4) == (weights - table) * 20 / 32 + table * 34 / 32)
  }

  /// Who tells log-probabilities holds the weights as training does; who draws, packed ones; who does both, both.
  @Test func aModelIsHeldInTheFormsThatAreAskedFor() {
    var load = StepLoad()
    (load.rows, load.targets, load.positions, load.chunkedPositions) = (256, 200, 256, 256)
    func memory(_ demands: [AskingDemand]) -> Int {
      AskingMemory(
        model: TrainingMemory(shape: shape, settings: TrainingSettings(), load: StepLoad()),
        demands: demands
      ).bytes
    }
    let (answers, passes) = (AskingDemand.answers(sampling), AskingDemand.passes(load))
    let (nothing, drawing, passing) = (memory([]), memory([answers]), memory([passes]))
    #expect(memory([answers, passes]) - nothing == drawing - nothing + passing - nothing)
    #expect(memory([answers, answers, answers]) == drawing)
    let base = Transformer.parameterCounts(shape, head: .language, lowRank: nil).base
    #expect(drawing - nothing > 4 * base && passing - nothing > 4 * base)
  }

  /// What sampling is above the limit is taken off its cache, and no layer is computed again for it.
  @Test func aMemoryLimitLowersTheCacheWhereSamplingIsTheMost() throws {
    func memory(_ limit: Int?) -> TrainingMemory {
      var settings = TrainingSettings()
      settings.memoryLimit = limit.map { MemorySize(bytes: $0) }
      var load = StepLoad()
      (load.rows, load.targets, load.positions, load.chunkedPositions) = (16, 8, 16, 64)
      var many = sampling
      many.sequences = 64
      return TrainingMemory(shape: shape, settings: settings, load: load, sampling: many)
    }
    let free = try memory(nil).plan()
    #expect(free.cacheBytes == nil)
    #expect(try memory(free.bytes).plan() == free)
    let less = try memory(free.bytes - 100_000).plan()
    let cache = try #require(memory(nil).sampling?.cacheBytes(shape))
    #expect(less.cacheBytes == cache - 100_000)
    #expect(less.recomputedLayers == 0 && less.bytes == free.bytes - 100_000)
    let error = #expect(throws: BadInput.self) { try memory(1 << 20).plan() }
    #expect(error?.message.contains("answers are drawn one by one") == true)
  }
}

/// The completions, and so the weights, are those of a run that has all the memory it wants.
@Test func aMemoryLimitThatLowersTheCacheChangesNoByte() throws {
  let toys = try ToyModels()
  let inputs: OrderedDictionary<String, [String]> = [
    "model": [try toys.model("base", seed: 1)],
    "data": [try toys.write(#"{"question": "1+1?", "answer": "2"}"#, "data.jsonl")],
  ]
  var settings = PolicyGradientStage.Settings()
  settings.base.maxSteps = 1
  settings.base.batchSize = 1
  settings.base.microBatchTokens = 32
  settings.own.sampling.numGenerations = 64
  settings.own.sampling.maxCompletionLength = 150
  settings.own.learning.rewards = [RewardSettings(kind: .length)]
  let free = try toys.run(PolicyGradientStage.self, settings, name: "grpo", inputs: inputs)
  let bytes = try Files.read("\(free.output)/model.safetensors")
  let order = WorkOrder(
    kind: "grpo", stage: "grpo", settings: [:], inputs: inputs, outputs: [:], work: toys.path,
    seed: 7)
  let estimate = try PolicyGradientStage.estimate(settings, StageContext(order: order) { _ in })
  settings.memoryLimit = MemorySize(bytes: try #require(estimate?.memoryPerRank) - (512 << 10))
  try Files.remove("\(toys.path)/work/grpo")
  let limited = try toys.run(PolicyGradientStage.self, settings, name: "grpo", inputs: inputs)
  #expect(try Files.read("\(limited.output)/model.safetensors") == bytes)
  #expect(
    limited.events.contains {
      if case .note(let text) = $0 { text.contains("for keys and values") } else { false }
    })
}

/// Told where the data are there to be read; smaller weights need less, and longer answers more.
@Test func thePlanSaysWhatStagesThatTrainNothingNeed() throws {
  let toys = try ToyModels()
  let model = try toys.model("model", seed: 1)
  let problems = try toys.write(#"{"question": "1+1?", "answer": "2"}"#, "problems.jsonl")
  let texts = try toys.write(#"{"text": "abc"}"#, "texts.jsonl")
  let pairs = try toys.write(#"{"prompt": "a", "chosen": "b", "rejected": "c"}"#, "pairs.jsonl")
  func estimate<Kind: Stage>(
    _ kind: Kind.Type, _ inputs: OrderedDictionary<String, [String]>,
    _ change: (inout Kind.Settings) -> Void = { _ in }
  ) throws -> Int? {
    var settings = Kind.Settings()
    change(&settings)
    let order = WorkOrder(
      kind: Kind.kind, stage: "stage", settings: [:], inputs: inputs, outputs: [:],
      work: toys.path, seed: 1)
    return try Kind.estimate(settings, StageContext(order: order) { _ in })?.memoryPerRank
  }
  let drawn: OrderedDictionary = ["model": [model], "data": [problems]]
  let whole = try #require(try estimate(SampleStage.self, drawn))
  let small = try #require(try estimate(SampleStage.self, drawn) { $0.weights = .int8 })
  let short = try #require(try estimate(SampleStage.self, drawn) { $0.maxCompletionLength = 1 })
  #expect(small < whole && short < whole)
  let later: OrderedDictionary = ["model": [model], "data": ["\(toys.path)/later.jsonl"]]
  #expect(try estimate(SampleStage.self, later) == nil)
  #expect(try estimate(SampleStage.self, ["data": [problems]]) == nil)

  let answers = try #require(
    try estimate(EvaluateStage.self, ["models": [model], "problems": [problems]]))
  let both = try #require(
    try estimate(
      EvaluateStage.self, ["models": [model], "problems": [problems], "text": [texts]]))
  #expect(answers < both)
  let reference = try #require(
    try estimate(ReferenceStage.self, ["model": [model], "data": [pairs]]))
  #expect(reference > 34 << 20)
}
