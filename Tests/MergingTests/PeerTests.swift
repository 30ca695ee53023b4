import Checkpoints
import Foundation
import Testing

@testable import Merging

@Suite struct PeerTests {
  private let goldens: SafetensorsFile
  private let configurations: [String: String]
  private let fixture: Fixture

  init() throws {
    let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Goldens")
    goldens = try SafetensorsFile(path: folder.appendingPathComponent("peers.safetensors").path)
    configurations = try JSONDecoder().decode(
      [String: String].self,
      from: Data(contentsOf: folder.appendingPathComponent("peers.json")))
    fixture = try Fixture()
  }

  /// The goldens under a path, by what follows it.
  private func tensors(_ path: String) throws -> [(
    name: String, shape: [Int], values: [Float]
  )] {
    try goldens.tensors.filter { $0.name.hasPrefix(path + "/") }.map {
      (String($0.name.dropFirst(path.count + 1)), $0.shape, try goldens.floats($0.name))
    }.sorted { $0.name < $1.name }
  }

  /// Writes the peer's models, with the tensors that a predicate has.
  private func writeModels(_ isKept: (String) -> Bool) throws {
    for model in ["micro_base", "micro_a", "micro_b", "micro_c"] {
      try fixture.model(model, tensors("models/\(model)").filter { isKept($0.name) })
    }
  }

  private func plan(_ name: String) throws -> MergePlan {
    let yaml = try #require(configurations[name])
    return try MergePlan(MergeConfiguration(yaml: yaml), relativeTo: fixture.path)
  }

  private static let random = ["dare_linear", "dare_ties", "della", "della_linear"]

  /// Elements of a magnitude near 0.05 (1 for norms), so within 1e-6 of what is relevant.
  private func expect(
    _ values: [Float], _ golden: (name: String, shape: [Int], values: [Float]), _ name: String
  ) {
    #expect(values.count == golden.values.count)
    let size = golden.values.reduce(0) { max($0, abs($1)) }
    for (value, other) in zip(values, golden.values) where abs(value - other) > 1e-6 * size {
      Issue.record("\(name) \(golden.name): \(value) where mergekit has \(other)")
      return
    }
  }

  /// mergekit's own configurations as they are, through files, to its own results.
  @Test func mergesAreMergekits() throws {
    try writeModels { $0.hasSuffix("_proj.weight") || $0 == "model.norm.weight" }
    var checked = 0
    for name in configurations.keys.sorted()
    where name != "passthrough" && !Self.random.contains(name) {
      let plan = try plan(name)
      for golden in try tensors("cases/\(name)") {
        let tensor = try #require(plan.tensors.first { $0.information.name == golden.name })
        expect(try plan.values(of: tensor), golden, name)
        checked += 1
      }
    }
    #expect(checked == 22 * 2 + 1)
  }

  /// With the masks that mergekit drew, the arithmetic of the random methods is its own.
  @Test(arguments: PeerTests.random) func randomMergesAreMergekitsByItsMasks(name: String) throws {
    try writeModels { $0.hasSuffix("_proj.weight") || $0 == "model.norm.weight" }
    let plan = try plan(name)
    let cut = name.hasPrefix("della") ? BlockCut.rows : .anywhere
    for golden in try tensors("cases/\(name)") {
      let tensor = try #require(plan.tensors.first { $0.information.name == golden.name })
      let inputs = try plan.inputs(of: tensor, threads: 1)
      let masks = try tensor.models.map { origin in
        try goldens.withBytes("masks/\(name)/\(origin.model)/\(golden.name)") { bytes in
          KeepMask.given(bytes.withUnsafeBytes { Array($0) })
        }
      }
      let merge = try SparseChanges(
        inputs, masks: masks, cut: cut, bySign: name == "dare_ties" || name == "della")
      expect(try inputs.merged(by: merge), golden, name)
    }
  }

  /// Layers 0 and 1 of one model, then layer 1 of another: three layers, as the peer stacks them.
  @Test func layersStackAsMergekitStacksThem() throws {
    try writeModels { $0.hasSuffix("layernorm.weight") || $0 == "model.norm.weight" }
    let plan = try plan("passthrough")
    #expect(plan.layerCount == 3)
    #expect(plan.tensors.count == 4)
    for golden in try tensors("cases/passthrough") {
      let tensor = try #require(plan.tensors.first { $0.information.name == golden.name })
      #expect(try plan.values(of: tensor) == golden.values)
    }
    try plan.execute(output: "\(fixture.path)/out")
    #expect(try fixture.text("out/config.json").contains(#""num_hidden_layers": 3"#))
  }
}

extension KeepMask {
  /// A mask of a byte for each element; their number is a multiple of eight.
  static func given(_ elements: [UInt8]) -> KeepMask {
    KeepMask(
      .bytes(
        stride(from: 0, to: elements.count, by: 8).map { start in
          (0..<8).reduce(0) { $0 | elements[start + $1] << UInt8($1) }
        }))
  }
}
