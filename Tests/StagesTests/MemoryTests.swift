import Artifacts
import JSON
import OrderedCollections
import Pipeline
import Testing
import Transformers

@testable import Stages

@Suite struct MemorySizeTests {
  @Test(arguments: [
    ("4GiB", 4 << 30), ("500MB", 500_000_000), ("1.5 GiB", 3 << 29), ("64kib", 65_536),
    ("4096", 4096), ("12 B", 12),
  ])
  func sizesAreReadWithTheirUnits(text: String, bytes: Int) {
    #expect(MemorySize(text)?.bytes == bytes)
  }

  /// Without a unit, or with one that says not which thousand is meant, a size could be anything.
  @Test(arguments: ["", "4G", "GiB", "-1GiB", "0", "1e3", "4 GiB more", "9999999TiB", "0.1B"])
  func whatIsNoSizeIsRefused(text: String) { #expect(MemorySize(text) == nil) }

  @Test func aSizeReadsAsItIsWritten() {
    for bytes in [1, 1000, 1 << 20, 3 << 29, 1337 << 20] {
      #expect(MemorySize(MemorySize(bytes: bytes).description)?.bytes == bytes)
    }
    #expect("\(MemorySize(bytes: 3 << 29))" == "1536MiB")
    #expect("\(MemorySize(holding: (1 << 20) + 1))" == "2MiB")
  }
}

@Suite struct StepLoadTests {
  /// A prompt of 70 with answers of 10 and 20: the prompt's rows once, 70 + 30; the spans see 70, 80 and 90 positions, in
  /// pages 128 each.
  @Test func whatAPairSharesIsCountedOnce() {
    let prompt = Array(repeating: Int32(1), count: 70)
    let load = StepLoad([
      TargetSequence(prompt: prompt, completion: Array(repeating: 2, count: 10)),
      TargetSequence(prompt: prompt, completion: Array(repeating: 3, count: 20)),
    ])
    #expect(load.rows == 100 && load.targets == 30)
    // The prompt's last row tells of the first answered tokens.
    #expect(load.read == 31 && load.sequences == 2)
    #expect(load.positions == 240 && load.chunkedPositions == 384)
  }

  /// Four rows of 10, 20, 30 and 40 tokens in one step, 60 tokens to a micro-batch: 10 + 20 + 30 and 40.
  @Test func theLargestMicroBatchCounts() {
    var settings = TrainingSettings()
    settings.batchSize = 4
    settings.microBatchTokens = 60
    var load = StepLoad()
    load.add(
      step: [10, 20, 30, 40].map { count in
        [TargetSequence(prompt: [], completion: Array(repeating: Int32(count), count: count))]
      }, settings)
    #expect(load.rows == 60 && load.targets == 57 && load.microBatches == 2)
  }

  @Test func theSettingsBoundTheLoad() {
    var settings = TrainingSettings()
    settings.batchSize = 4
    settings.maxLength = 256
    let load = StepLoad(settings, sequencesPerExample: 1, positions: 8192)
    #expect(load.rows == 1024 && load.microBatches == 1)
    // Two answers of the model's 100 positions at most; 2 · 100 · 4 tokens.
    #expect(StepLoad(settings, sequencesPerExample: 2, positions: 100).rows == 800)
    settings.microBatchTokens = 128
    #expect(StepLoad(settings, sequencesPerExample: 1, positions: 8192).rows == 256)
  }
}

@Suite struct MemoryPlanTests {
  private static let shape = TransformerShape(
    vocabularySize: 1000, hiddenSize: 64, intermediateSize: 128, layerCount: 8, queryHeads: 4,
    keyValueHeads: 2, headDimension: 16, normEpsilon: 1e-5, rotary: RotaryConfiguration(base: 100),
    maximumPosition: 512, tiesEmbeddings: true, hasQueryKeyValueBias: false, initializerRange: 0.02)

  private func memory(_ change: (inout TrainingSettings) -> Void = { _ in }) -> TrainingMemory {
    var settings = TrainingSettings()
    change(&settings)
    var load = StepLoad()
    (load.rows, load.targets, load.positions, load.chunkedPositions) = (2048, 2000, 2048, 2048)
    return TrainingMemory(shape: MemoryPlanTests.shape, settings: settings, load: load)
  }

  /// Of a row that nobody reads the last block keeps no queries and attention's output 2 · 64, no sum 64, no gate and up 2 · 128
  /// and no 4 + 1 numbers; with bf16 output, gate and up, 64 + 256 of them, are half as large.
  @Test(arguments: [(false, 453), (true, 453 - 160)])
  func rowsThatNobodyReadsCostLess(bf16: Bool, numbers: Int) {
    var all = memory { $0.bf16 = bf16 }
    all.load.read = all.load.rows
    var fewer = all
    fewer.load.read -= 10
    #expect(all.bytes(recomputed: 0) - fewer.bytes(recomputed: 0) == 4 * 10 * numbers)
  }

  /// Queries, attention's output 2 · 64, keys, values 2 · 32, the sum between 64, gate and up 2 · 128, 4 + 2 numbers: what a
  /// layer that is computed again does not keep, of 2048 rows.
  @Test func aLayerThatIsComputedAgainKeepsNothing() {
    let memory = memory()
    #expect(
      memory.bytes(recomputed: 3) - memory.bytes(recomputed: 4)
        == 4 * 2048 * (128 + 64 + 64 + 256 + 6))
  }

  @Test func noMoreLayersAreComputedAgainThanTheLimitAsksFor() throws {
    let limit = memory().bytes(recomputed: 3)
    #expect(try memory().plan().recomputedLayers == 0)
    #expect(try memory { $0.memoryLimit = MemorySize(bytes: limit) }.plan().recomputedLayers == 3)
    #expect(
      try memory { $0.memoryLimit = MemorySize(bytes: limit - 1) }.plan().recomputedLayers == 4)
    #expect(try memory { $0.gradientCheckpointing = true }.plan().recomputedLayers == 8)
  }

  /// The limit that the message names is the least: one MiB less is refused again.
  @Test func aLimitThatIsTooSmallNamesTheLeastThatWorks() throws {
    let error = #expect(throws: BadInput.self) {
      try memory { $0.memoryLimit = MemorySize("1MiB") }.plan()
    }
    let message = try #require(error?.message)
    let named = try #require(message.firstMatch(of: /memory_limit: ([0-9]+)MiB would be right/))
    let least = try #require(Int(named.1))
    #expect(message.hasPrefix("memory_limit is 1MiB, and a rank needs \(least)MiB even if"))
    #expect(message.contains("micro_batch_tokens"))
    let plan = try memory { $0.memoryLimit = MemorySize("\(least)MiB") }.plan()
    #expect(plan.recomputedLayers == 8)
    #expect(throws: BadInput.self) {
      try memory { $0.memoryLimit = MemorySize("\(least - 1)MiB") }.plan()
    }
  }

  /// Two ranks: half of the moments each, and the sums of half of the micro-batches; an adapter trains less.
  @Test func ranksAndAdaptersTakeLess() {
    func part(_ name: String, _ memory: TrainingMemory) -> Int {
      memory.parts(recomputed: 0).first { $0.name == name }?.bytes ?? 0
    }
    var one = memory()
    one = TrainingMemory(shape: one.shape, settings: one.settings, load: one.load)
    var two = one
    two.ranks = 2
    #expect(part("moments", one) == 2 * part("weights", one))
    #expect(part("moments", two) * 2 == part("moments", one))
    let adapter = memory { $0.lora = LowRankSettings() }
    #expect(part("gradients", adapter) < part("gradients", one) / 2)
    #expect(part("weights", adapter) > part("weights", one))
  }
}

private let texts = (1...6).map { #"{"text": "\#(String(repeating: "ab", count: 10 * $0))"}"# }
  .joined(separator: "\n")

/// The limit is found by asking what is needed; with it the model has the bytes that it has without.
@Test func aMemoryLimitChangesNoByte() throws {
  let toys = try ToyModels()
  let model = try toys.model("base", seed: 1)
  let data = try toys.write(texts, "texts.jsonl")
  var settings = SupervisedStage.Settings()
  settings.maxSteps = 2
  let free = try toys.run(
    SupervisedStage.self, settings, name: "free", inputs: ["model": [model], "data": [data]])
  settings.memoryLimit = MemorySize("64MiB")
  let limited = try toys.run(
    SupervisedStage.self, settings, name: "limited", inputs: ["model": [model], "data": [data]])
  #expect(
    try Files.read("\(limited.output)/model.safetensors")
      == Files.read("\(free.output)/model.safetensors"))
  #expect(
    limited.events.contains {
      if case .note(let text) = $0 { text.contains("plans") } else { false }
    })
  settings.memoryLimit = MemorySize("1MiB")
  let error = #expect(throws: BadInput.self) {
    try toys.run(SupervisedStage.self, settings, inputs: ["model": [model], "data": [data]])
  }
  #expect(error?.message.contains("memory_limit is 1MiB") == true)
}

/// Read from the data: the longest rows are 120 characters, where the settings would allow 256 tokens each.
@Test func thePlanLooksAtTheData() throws {
  let toys = try ToyModels()
  let model = try toys.model("base", seed: 1)
  let data = try toys.write(texts, "texts.jsonl")
  func estimate(_ data: String) throws -> Int {
    let order = WorkOrder(
      kind: "sft", stage: "sft", settings: [:], inputs: ["model": [model], "data": [data]],
      outputs: [:], work: toys.path, seed: 1)
    let estimate = try SupervisedStage.estimate(.init(), StageContext(order: order) { _ in })
    return try #require(estimate?.memoryPerRank)
  }
  #expect(try estimate(data) < estimate("\(toys.path)/later.jsonl"))
}

/// Room for two samples at a time gives the answers of room for all; room for none is refused, naming what would do.
@Test func aLimitOfTheCacheChangesNoAnswer() throws {
  let toys = try ToyModels()
  let model = try toys.model("base", seed: 2)
  let data = try toys.write(
    #"{"prompt": "abc"}"# + "\n" + #"{"prompt": "defgh"}"# + "\n", "prompts.jsonl")
  var settings = SampleStage.Settings()
  settings.maxCompletionLength = 70
  func answers(_ limit: String?) throws -> [UInt8] {
    settings.kvCacheMemoryBytes = limit.flatMap { MemorySize($0) }
    let output = try toys.run(
      SampleStage.self, settings, inputs: ["model": [model], "data": [data]]
    ).output
    defer { try? Files.remove("\(toys.path)/work/stage") }
    return try Files.read("\(output)/completions.jsonl")
  }
  let free = try answers(nil)
  // One head of eight in one layer: a page is 16 · (8 + 16) · 4 bytes, 1.5 KiB, and a sequence has five.
  #expect(try answers("17KiB") == free)
  #expect(try answers("9KiB") == free)
  let error = #expect(throws: BadInput.self) { try answers("8KiB") }
  #expect(
    error?.message.hasPrefix("kv_cache_memory_bytes is 8KiB, where 9KiB or more would be right")
      == true)
}
