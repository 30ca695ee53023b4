import Checkpoints
import Foundation
import Testing

@testable import Merging

@Suite struct ExecutionTests {
  private let fixture: Fixture
  private let configuration = MergeConfiguration(
    method: "linear", base: "B", models: [("X", 0.5), ("Y", 0.5)], elementType: .bfloat16)

  init() throws {
    fixture = try Fixture()
    try fixture.writeModelsByHand()
  }

  @Test func theOutputIsAModelWithItsHistory() throws {
    let plan = try MergePlan(configuration, relativeTo: fixture.path)
    var seen: [MergePlan.Progress] = []
    try plan.execute(output: "\(fixture.path)/out") { seen.append($0) }
    #expect(seen == [.init(tensor: "w", done: 1, total: 1)])

    let model = try HuggingFaceDirectory(path: "\(fixture.path)/out")
    #expect(try fixture.text("out/config.json").contains(#""torch_dtype": "bfloat16""#))
    #expect(try fixture.text("out/tokenizer.json") == fixture.text("B/tokenizer.json"))
    #expect(try fixture.text("out/README.md").contains("merge_method: linear"))
    let weights = try model.weights()
    #expect(weights.information("w")?.elementType == .bfloat16)
    // (0.4 − 0.4) / 2 and (1.5 + 0.8) / 2 = 1.15, which bfloat16 holds as 1.1484375.
    #expect(try weights.floats("w")[0] == 1.1484375)
    #expect(try fixture.names == ["B", "X", "Y", "out"])
  }

  @Test func whatIsWrittenBesideItMakesTheSameAgain() throws {
    let plan = try MergePlan(configuration, relativeTo: fixture.path)
    try plan.execute(output: "\(fixture.path)/one")
    let yaml = try fixture.text("one/mergekit_config.yml")
    let again = try MergePlan(MergeConfiguration(yaml: yaml), relativeTo: fixture.path)
    try again.execute(output: "\(fixture.path)/two")
    for name in ["model.safetensors", "config.json", "mergekit_config.yml"] {
      let first = try Data(contentsOf: URL(fileURLWithPath: "\(fixture.path)/one/\(name)"))
      let second = try Data(contentsOf: URL(fileURLWithPath: "\(fixture.path)/two/\(name)"))
      #expect(first == second, "\(name)")
    }
  }

  @Test func nothingIsOverwrittenAndNothingIsLeftBehind() throws {
    let plan = try MergePlan(configuration, relativeTo: fixture.path)
    #expect(throws: MergeError.outputExists(path: "\(fixture.path)/B")) {
      try plan.execute(output: "\(fixture.path)/B")
    }
    let folder = try PublishedFolder(path: "\(fixture.path)/half")
    try folder.write("half", name: "model.safetensors")
    _ = consume folder
    #expect(try fixture.names == ["B", "X", "Y"])
  }

  @Test func anEmptyFolderMayBeTheOutput() throws {
    let output = "\(fixture.path)/out"
    try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    try MergePlan(configuration, relativeTo: fixture.path).execute(output: output + "/")
    #expect(try fixture.text("out/config.json").contains("llama"))
  }

  /// As `adapters/a` in a folder that has no `adapters` yet.
  @Test func foldersThatAnOutputLiesInAreMade() throws {
    let output = "\(fixture.path)/some/new/out"
    try MergePlan(configuration, relativeTo: fixture.path).execute(output: output)
    #expect(try fixture.text("some/new/out/config.json").contains("llama"))
    let folder = try PublishedFolder(path: "\(fixture.path)/another/out")
    try folder.write("{}", name: "config.json")
    try folder.publish()
    #expect(try fixture.text("another/out/config.json") == "{}")
    #expect(throws: MergeError.self) {
      _ = try PublishedFolder(path: "\(fixture.path)/another/out/config.json/below")
    }
  }
}
