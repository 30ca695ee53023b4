import Checkpoints
import Foundation
import Testing

@testable import Merging

@Suite struct PeerTests {
  private struct Peers: Decodable {
    struct Case: Decodable {
      var yaml: String
      var tensors: [String: [Float]]
    }

    var shapes: [String: [Int]]
    var models: [String: [String: [Float]]]
    var cases: [String: Case]
  }

  /// mergekit's own configurations as they are, through files, to its own results.
  @Test func mergesAreMergekits() throws {
    let file = try #require(
      Bundle.module.url(forResource: "peers", withExtension: "json", subdirectory: "Goldens"))
    let peers = try JSONDecoder().decode(Peers.self, from: Data(contentsOf: file))
    let fixture = try Fixture()
    for (name, tensors) in peers.models {
      try fixture.model(
        name,
        tensors.sorted { $0.key < $1.key }.map { ($0.key, peers.shapes[$0.key] ?? [], $0.value) })
    }
    var checked = 0
    for (name, golden) in peers.cases where name != "passthrough" {
      let plan = try MergePlan(MergeConfiguration(yaml: golden.yaml), relativeTo: fixture.path)
      for tensor in plan.tensors {
        guard let expected = golden.tensors[tensor.information.name] else { continue }
        let values = try plan.values(of: tensor)
        var worst: Float = 0
        for (value, other) in zip(values, expected) { worst = max(worst, abs(value - other)) }
        #expect(worst < 1e-6, "\(name) \(tensor.information.name)")
        checked += values.count
      }
    }
    #expect(checked == 8 * (2 * 32 + 2 * 512))
  }

  /// Layers 0 and 1 of one model, then layer 1 of another: three layers, as the peer stacks them.
  @Test func layersStackAsMergekitStacksThem() throws {
    let file = try #require(
      Bundle.module.url(forResource: "peers", withExtension: "json", subdirectory: "Goldens"))
    let peers = try JSONDecoder().decode(Peers.self, from: Data(contentsOf: file))
    let golden = try #require(peers.cases["passthrough"])
    let fixture = try Fixture()
    for (name, tensors) in peers.models {
      let norms = tensors.filter {
        $0.key.contains("input_layernorm") || $0.key == "model.norm.weight"
      }
      try fixture.model(
        name, norms.sorted { $0.key < $1.key }.map { ($0.key, [32], $0.value) })
    }
    let plan = try MergePlan(MergeConfiguration(yaml: golden.yaml), relativeTo: fixture.path)
    #expect(plan.layerCount == 3)
    #expect(plan.tensors.count == 4)
    for (name, expected) in golden.tensors {
      let tensor = try #require(plan.tensors.first { $0.information.name == name })
      #expect(try plan.values(of: tensor) == expected)
    }
    try plan.execute(output: "\(fixture.path)/out")
    #expect(try fixture.text("out/config.json").contains(#""num_hidden_layers": 3"#))
  }
}
