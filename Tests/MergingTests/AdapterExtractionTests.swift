import Checkpoints
import Foundation
import Kernels
import Testing

@testable import Merging

@Suite struct AdapterExtractionTests {
  private let fixture: Fixture
  private let name = "model.layers.0.mlp.up_proj.weight"
  private let base: [Float] = (0..<24).map { Float(($0 * 7) % 5) / 4 }

  init() throws { fixture = try Fixture() }

  /// A base, and a model that differs from it in one layer by `change` and in its norm.
  private func models(_ change: [Float]) throws {
    try fixture.model("B", [(name, [4, 6], base), ("model.norm.weight", [2], [1, 1])])
    try fixture.model(
      "M", [(name, [4, 6], zip(base, change).map(+)), ("model.norm.weight", [2], [1, 1.5])])
  }

  private func extract(_ extraction: AdapterExtraction) throws -> AdapterExtraction.Result {
    try extraction.write(
      model: "\(fixture.path)/M", base: "\(fixture.path)/B", to: "\(fixture.path)/lora")
  }

  /// ‖δ − B·A‖² = Σ σᵢ² over the values left out, to what float32 factors hold.
  @Test func whatIsLeftOutIsTheSmallestValues() throws {
    let change = (0..<24).map { Float(($0 * 37) % 11) / 8 - 0.5 }
    try models(change)
    var extraction = AdapterExtraction()
    extraction.rank = 2
    let result = try extract(extraction)
    #expect(result.layers.map(\.rank) == [2])
    #expect(result.wholeTensors == ["model.norm.weight"])

    let opened = try OpenedModel(name: "B", path: "\(fixture.path)/B").adapted(
      by: AdapterDirectory(path: "\(fixture.path)/lora"), name: "B+lora")
    let tuned = try HuggingFaceDirectory(path: "\(fixture.path)/M").weights().floats(name)
    var error = 0.0
    for (value, expected) in zip(try opened.weights.floats(name), tuned) {
      let difference = Double(value) - Double(expected)
      error += difference * difference
    }
    let values = try #require(
      SingularValues(
        zip(tuned, base).map { Double($0) - Double($1) }, rows: 4, columns: 6))
    let left = values.values.dropFirst(2).reduce(0) { $0 + $1 * $1 }
    #expect(abs(error - left) < 1e-5 * left)
    let total = values.values.reduce(0) { $0 + $1 * $1 }
    let share = (left / total).squareRoot()
    #expect(abs(result.layers[0].error - share) < 1e-9)
    #expect(try opened.weights.floats("model.norm.weight") == [1, 1.5])
  }

  /// A change of rank 1 is found whole at rank 1, whatever more is allowed.
  @Test func theEnergyDecidesHowManyAreKept() throws {
    let change = (0..<24).map { index -> Float in
      let (row, column) = (index / 6 + 1, index % 6 + 1)
      return Float(row * column) / 16
    }
    try models(change)
    var extraction = AdapterExtraction()
    extraction.rank = 4
    extraction.energy = 0.999
    #expect(try extract(extraction).layers.map(\.rank) == [1])
    #expect(AdapterExtraction.count([3, 2, 1], rank: 3, energy: 0.9) == 2)
    #expect(AdapterExtraction.count([3, 2, 1], rank: 1, energy: 1) == 1)
    #expect(AdapterExtraction.count([3, 0, 0], rank: 3, energy: 1) == 3)
  }

  @Test func equalModelsHaveNothingToExtract() throws {
    try fixture.model("B", [(name, [4, 6], base)])
    try fixture.model("M", [(name, [4, 6], base)])
    #expect(throws: AdapterFault.noDifference) { try extract(AdapterExtraction()) }
    #expect(try fixture.names == ["B", "M"])
  }
}
