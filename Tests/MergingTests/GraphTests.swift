import Checkpoints
import Foundation
import Testing

@testable import Merging

@Suite struct GraphTests {
  private let fixture: Fixture

  init() throws {
    fixture = try Fixture()
    try fixture.writeModelsByHand()
  }

  private let half = """
    name: half
    merge_method: linear
    models: [{model: X}, {model: Y}]
    parameters: {weight: 0.5}

    """

  private func complaint(_ yaml: String) -> String {
    do {
      _ = try MergeGraph(yaml: yaml, file: "m.yml", relativeTo: fixture.path)
      return ""
    } catch {
      return "\(error)"
    }
  }

  /// ½(½(X + Y) + B) = ¼X + ¼Y + ½B: exact here but for the last place.
  @Test func aMergeOfAMergeIsAMerge() throws {
    let graph = try MergeGraph(
      yaml: """
        merge_method: linear
        models: [{model: half}, {model: B}]
        parameters: {weight: 0.5}
        ---
        \(half)
        """, relativeTo: fixture.path)
    #expect(graph.parts.map(\.configuration.name) == ["half"])
    let values = try graph.plan.values(of: graph.plan.tensors[0])
    for index in values.indices {
      let expected =
        Double(Fixture.first[index]) / 4 + Double(Fixture.second[index]) / 4
        + Double(Fixture.base[index]) / 2
      #expect(abs(Double(values[index]) - expected) < 1e-6)
    }
  }

  /// The inner result is rounded as it would be on disk, so that one command gives what two give.
  @Test func aGraphIsItsMergesOneAfterAnother() throws {
    let inner = half + "dtype: bfloat16\n"
    let outer =
      "merge_method: linear\nparameters: {weight: 1}\nmodels: [{model: half}, {model: B}]\n"
    let graph = try MergeGraph(yaml: "\(inner)---\n\(outer)", relativeTo: fixture.path)
    try graph.plan.execute(output: "\(fixture.path)/at-once")
    try MergeGraph(yaml: inner, relativeTo: fixture.path).plan.execute(
      output: "\(fixture.path)/half")
    try MergeGraph(yaml: outer, relativeTo: fixture.path).plan.execute(
      output: "\(fixture.path)/after")
    let (one, two) = try (
      HuggingFaceDirectory(path: "\(fixture.path)/at-once").weights(),
      HuggingFaceDirectory(path: "\(fixture.path)/after").weights()
    )
    #expect(try one.floats("w") == two.floats("w"))
    #expect(one.information("w") == two.information("w"))
  }

  @Test func documentsThatMakeNoGraphAreRefused() {
    let other = "merge_method: linear\nparameters: {weight: 1}\nmodels: [{model: B}]\n"
    #expect(complaint("\(other)---\n\(other)").contains("2 documents have no \"name\""))
    #expect(complaint("\(half)---\n\(half)---\n\(other)").contains("two documents have the name"))
    #expect(complaint("\(half)---\n\(other)").contains("no other document uses \"half\""))
    let first = "name: p\nmerge_method: linear\nparameters: {weight: 1}\nmodels: [{model: q}]\n"
    let second = "name: q\nmerge_method: linear\nparameters: {weight: 1}\nmodels: [{model: p}]\n"
    #expect(complaint("\(first)---\n\(second)").contains("q needs p needs q"))
    // The inner merge is checked before anything is made.
    #expect(
      complaint(half.replacing("X", with: "nowhere") + "---\n" + other.replacing("B", with: "half"))
        .contains("nowhere"))
  }
}
