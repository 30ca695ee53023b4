import Checkpoints
import Foundation
import JSON
import Synchronization
import Testing

@testable import Merging

@Suite struct AdapterTests {
  private let fixture: Fixture
  private let up = "model.layers.0.mlp.up_proj"

  init() throws {
    fixture = try Fixture()
    try fixture.speaking("M", value: 1, tokens: ["a"], special: ["<e>"])
  }

  private func adapter(
    _ name: String, module: String? = nil, inputs: Int = 2, alpha: Double = 4
  ) throws {
    let folder = "\(fixture.path)/\(name)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var configuration = AdapterConfiguration()
    configuration.r = 1
    configuration.loraAlpha = alpha
    configuration.targetModules = .names(["up_proj"])
    let module = module ?? up
    let writer = try AdapterWriter(
      folder: folder, configuration: configuration,
      modules: [.init(path: module, rank: 1, inputs: inputs, outputs: 2)])
    let a: [Float] = Array([0.5, -0.25, 1].prefix(inputs))
    let b: [Float] = [1, 2]
    try writer.write(module, a: a.span, b: b.span)
    try writer.finish()
  }

  /// 1 + 4 · B·A, with A = [½, −¼] and B = [1, 2].
  @Test func anAdapterIsAddedToItsBase() throws {
    try adapter("lora")
    let yaml = "merge_method: linear\nparameters: {weight: 1}\nmodels: [{model: M+lora}]"
    let plan = try fixture.plan(yaml)
    #expect(try fixture.values(plan, up + ".weight") == [3, 0, 5, -1])
    #expect(try fixture.values(plan, "model.layers.1.mlp.up_proj.weight") == [1, 1, 1, 1])
    // Any part of it is the part of the whole.
    let weights = try #require(plan.model("M+lora")).weights
    var part: [Float] = [0, 0]
    var span = part.mutableSpan
    try weights.readFloats(up + ".weight", elements: 1..<3, into: &span)
    #expect(part == [0, 5])
  }

  /// A is needed whole for every stretch of its tensor: it is read for the first, and given back after the last.
  @Test func anAdaptersFirstMatrixIsReadOnceATensor() throws {
    try adapter("lora")
    let adapter = try AdapterDirectory(path: "\(fixture.path)/lora")
    let module = try #require(adapter.modules.first)
    let counted = CountedReads(adapter.tensors)
    let tensor = LowRankTensor(
      name: up + ".weight", shape: [2, 2],
      source: try HuggingFaceDirectory(path: "\(fixture.path)/M").weights(), key: up + ".weight",
      adapter: counted, module: module, scale: 4)
    for _ in 0..<2 {
      var all: [Float] = []
      for element in 0..<4 {
        var one: [Float] = [0]
        var span = one.mutableSpan
        try tensor.read(element..<element + 1, into: &span)
        all += one
      }
      #expect(all == [3, 0, 5, -1])
      tensor.release()
    }
    #expect(counted.count(of: module.aKey) == 2)
    #expect(counted.count(of: module.bKey) == 8)
  }

  @Test func taskVectorsOfAdaptersAreMerged() throws {
    try adapter("one", alpha: 1)
    try adapter("two", alpha: 2)
    let plan = try fixture.plan(
      """
      merge_method: task_arithmetic
      base_model: M
      models: [{model: M+one, parameters: {weight: 1}}, {model: M+two, parameters: {weight: 0.5}}]
      """)
    // 1 + (1 + ½ · 2)(B·A)
    #expect(try fixture.values(plan, up + ".weight") == [2, 0.5, 3, 0])
  }

  /// With tied embeddings the projection gets weights of its own: the embedding stays.
  @Test func anAdapterOfATiedProjectionLeavesTheEmbedding() throws {
    try adapter("head", module: "lm_head")
    let plan = try fixture.plan(
      "merge_method: linear\nparameters: {weight: 1}\nmodels: [{model: M+head}]")
    #expect(try fixture.values(plan, "model.embed_tokens.weight") == [1, 0, 1, 1])
    #expect(try fixture.values(plan, "lm_head.weight") == [3, -1, 5, -1])
    #expect(plan.outputConfig["tie_word_embeddings"] == false)
  }

  @Test func anAdapterOfAnotherModelIsRefused() throws {
    try adapter("deep", module: "model.layers.7.mlp.up_proj")
    try adapter("wide", inputs: 3)
    let yaml = "merge_method: linear\nparameters: {weight: 1}\nmodels: [{model: M+"
    #expect(fixture.complaint(yaml + "deep}]").contains("model.layers.7.mlp.up_proj.weight"))
    #expect(fixture.complaint(yaml + "wide}]").contains("[2, 2], as M has it"))
    #expect(fixture.complaint(yaml + "none}]").contains("none"))
    try adapter("lora")
    let alone = "merge_method: linear\nparameters: {weight: 1}\nmodels: [{model: lora}]"
    #expect(fixture.complaint(alone).contains("write BASE+lora"))
  }
}

/// A source that counts how often each tensor is read.
private final class CountedReads: TensorSource {
  private let original: any TensorSource
  private let counts = Mutex<[String: Int]>([:])

  init(_ original: any TensorSource) { self.original = original }

  func count(of name: String) -> Int { counts.withLock { $0[name] ?? 0 } }

  var tensors: [TensorInformation] { original.tensors }
  var identity: [String] { original.identity }
  func information(_ name: String) -> TensorInformation? { original.information(name) }

  func readFloats(
    _ name: String, elements: Range<Int>, into floats: inout MutableSpan<Float>
  ) throws {
    counts.withLock { $0[name, default: 0] += 1 }
    try original.readFloats(name, elements: elements, into: &floats)
  }

  func withBytes<R>(_ name: String, _ body: (RawSpan) throws -> R) throws -> R {
    try original.withBytes(name, body)
  }
}
