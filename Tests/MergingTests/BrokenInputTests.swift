import Checkpoints
import Foundation
import Testing

@testable import Merging

/// What is wrong is found before anything is written, and named with its place and what would be right.
@Suite struct BrokenInputTests {
  private let fixture: Fixture

  init() throws {
    fixture = try Fixture()
    try fixture.writeModelsByHand()
  }

  private func complaint(_ yaml: String) throws -> String {
    let before = try fixture.names
    var complaint = ""
    do {
      let graph = try MergeGraph(yaml: yaml, file: "m.yml", relativeTo: fixture.path)
      try graph.plan.execute(output: "\(fixture.path)/out")
    } catch {
      complaint = "\(error)"
    }
    #expect(try fixture.names == before)
    return complaint
  }

  private static let models =
    "models: [{model: X, parameters: {weight: 1}}, {model: Y, parameters: {weight: 1}}]\n"

  @Test(arguments: [
    (
      "merge_method: linear\ndytpe: float32\n" + models, #"m.yml:2:1: error: unknown key "dytpe""#,
      #""dtype""#
    ),
    (
      "merge_method: linear\nparamters: {normalize: true}\n" + models, "m.yml:2:1", #""parameters""#
    ),
    (
      "merge_method: ties\nbase_model: B\n" + models + "parameters: {densty: 0.5}\n", "m.yml:4:14",
      #""density""#
    ),
    ("merge_method: linaer\n" + models, "m.yml:1:15", #""linear""#),
    (
      "merge_method: linear\nparameters: {density: 0.5}\n" + models, "m.yml:2:14",
      "a parameter of ties"
    ),
    (
      "merge_method: linear\nparameters: {normalize: 3}\n" + models, "m.yml:2:14", "true or false"
    ),
    (
      "merge_method: linear\nslices: []\n" + models, "m.yml:2:9",
      "one of models, slices and modules"
    ),
    ("merge_method: linear\nmerge_method: ties\n" + models, "merge_method", "twice"),
    (
      "merge_method: passthrough\nslices:\n  - sources: [{model: X, layer_range: [3, 1]}]\n",
      "m.yml:3:39", "[first, one after the last]"
    ),
    ("merge_method: linear\n" + models + "tokenizer: {sorce: base}\n", "m.yml:3:13", #""source""#),
    ("merge_method: linear\n" + models + "chat_template: chatlm\n", "m.yml:3:16", #""chatml""#),
    ("merge_method: linear\nmodels:\n\t- model: X\n", "m.yml:3:", "YAML"),
    (
      "merge_method: linear\nmodels: [{model: X@main, parameters: {weight: 1}}]\n", "X: revision",
      "no revision"
    ),
    (
      "merge_method: linear\nx: &a [1]\nmodels: " + String(repeating: "[", count: 500), "m.yml",
      "nested deeper"
    ),
  ])
  func brokenConfigurations(yaml: String, place: String, remedy: String) throws {
    let complaint = try complaint(yaml)
    #expect(complaint.contains(place), "\(complaint)")
    #expect(complaint.contains(remedy), "\(complaint)")
  }

  /// Each step doubles what the last stands for: 2⁴⁰ nodes in 40 lines.
  @Test func aliasesThatStandForTooMuchAreRefused() throws {
    var yaml = "merge_method: linear\nmodels: [{model: X}]\nparameters:\n  a0: &a0 [1, 1]\n"
    for step in 1...40 { yaml += "  a\(step): &a\(step) [*a\(step - 1), *a\(step - 1)]\n" }
    #expect(try complaint(yaml).contains("its aliases stand for too much"))
  }

  /// What a model of the merge is made to be, and what is said of it.
  @Test(arguments: [
    ("no config.json", "Y/config.json", "model's configuration"),
    ("config.json is no JSON", "Y/config.json", "expected"),
    ("another architecture", "model_type is \"mistral\" in Y", "--allow-crimes"),
    ("layers that are missing", "Y says in config.json that it has 9 layers", "num_hidden_layers"),
    ("no weights", "Y/model.safetensors", "safetensors"),
    ("pickled weights", "Y/pytorch_model.bin", "safetensors"),
    ("weights cut short", "Y/model.safetensors", "download it again: it should have"),
    ("a pointer instead of weights", "Y/model.safetensors", "git lfs pull"),
    ("a header that is no JSON", "Y/model.safetensors", "download it again"),
    ("a header longer than the file", "Y/model.safetensors", "download it again"),
    ("a shard of another download", "Y/model.safetensors.index.json", "download both again"),
    ("a shard that is missing", "Y/model-00002-of-00002.safetensors", "shard"),
    ("another shape", "w is [4, 2] in Y and [2, 4] in X", "one shape"),
    ("another tensor", "w is in X and not in Y", "one architecture"),
    ("whole numbers", "w is I64 in Y", "before it was quantized"),
    ("weights elsewhere", "Y/model.safetensors", "outside"),
  ])
  func brokenCheckpoints(fault: String, place: String, remedy: String) throws {
    try damage(fault)
    let complaint = try complaint("merge_method: linear\n" + Self.models)
    #expect(complaint.contains(place), "\(fault): \(complaint)")
    #expect(complaint.contains(remedy), "\(fault): \(complaint)")
  }

  private func damage(_ fault: String) throws {
    let files = FileManager.default
    let weights = "\(fixture.path)/Y/model.safetensors"
    let config = #"{"model_type": "MODEL", "num_hidden_layers": COUNT}"#
    func writeConfig(_ model: String, _ count: Int) throws {
      try fixture.write(
        config.replacing("MODEL", with: model).replacing("COUNT", with: "\(count)"), "Y/config.json"
      )
    }
    switch fault {
    case "no config.json": try files.removeItem(atPath: "\(fixture.path)/Y/config.json")
    case "config.json is no JSON": try fixture.write("{", "Y/config.json")
    case "another architecture": try writeConfig("mistral", 0)
    case "layers that are missing": try writeConfig("llama", 9)
    case "no weights": try files.removeItem(atPath: weights)
    case "pickled weights":
      try files.removeItem(atPath: weights)
      try fixture.write("PK", "Y/pytorch_model.bin")
    case "weights cut short":
      let data = try Data(contentsOf: URL(fileURLWithPath: weights))
      try data.dropLast(3).write(to: URL(fileURLWithPath: weights))
    case "a header that is no JSON":
      try Data([8, 0, 0, 0, 0, 0, 0, 0] + Array("{nothing".utf8)).write(
        to: URL(fileURLWithPath: weights))
    case "a header longer than the file":
      try Data([0, 0, 1, 0, 0, 0, 0, 0] + Array("{}".utf8)).write(to: URL(fileURLWithPath: weights))
    case "a pointer instead of weights":
      try fixture.write("version https://git-lfs.github.com/spec/v1\n", "Y/model.safetensors")
    case "a shard of another download":
      try files.moveItem(atPath: weights, toPath: "\(fixture.path)/Y/model-1.safetensors")
      try fixture.write(
        #"{"weight_map": {"w": "model-1.safetensors", "v": "model-1.safetensors"}}"#,
        "Y/model.safetensors.index.json")
    case "a shard that is missing":
      try files.removeItem(atPath: weights)
      try fixture.write(
        #"{"weight_map": {"w": "model-00002-of-00002.safetensors"}}"#,
        "Y/model.safetensors.index.json")
    case "another shape": try fixture.model("Y", [("w", [4, 2], Fixture.base)])
    case "another tensor": try fixture.model("Y", [("v", [2, 4], Fixture.base)])
    case "whole numbers":
      try files.removeItem(atPath: weights)
      let writer = try SafetensorsWriter(
        folder: "\(fixture.path)/Y",
        tensors: [.init(name: "w", elementType: .signed64, shape: [2, 4])])
      let values = [Int64](repeating: 1, count: 8)
      try writer.write("w", bytes: values.span.bytes)
      try writer.finish()
    default:
      try files.moveItem(atPath: weights, toPath: "\(fixture.path)/elsewhere")
      try files.createSymbolicLink(atPath: weights, withDestinationPath: "/etc/hostname")
    }
  }

  @Test func modulesAreMergedByThemselvesAndHoldEverything() throws {
    let names = ["visual.w", "language_model.layers.0.w", "lm_head.weight"]
    for (model, value) in [("S", Float(1)), ("T", Float(3))] {
      try fixture.model(model, names.map { ($0, [1], [value]) })
    }
    let modules = """
      merge_method: linear
      modules:
        vision_tower:
          models: [{model: S, parameters: {weight: 1}}]
        text_decoder:
          models: [{model: S}, {model: T}]
          parameters: {weight: 0.5}

      """
    let plan = try fixture.plan(modules)
    #expect(plan.tensors.map(\.information.name) == ["visual.w", names[1], names[2]])
    #expect(try plan.tensors.map { try plan.values(of: $0)[0] } == [1, 2, 2])
    #expect(
      try complaint(modules.replacing("vision_tower", with: "sound_tower")).contains(
        "visual.w belongs to no module"))
  }
}
