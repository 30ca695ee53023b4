import Checkpoints
import Foundation
import Testing

@testable import Merging

/// A folder of small models, gone when the test is.
final class Fixture {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "merging-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a model: tensors of a name, a shape and values.
  func model(
    _ name: String, _ tensors: [(name: String, shape: [Int], values: [Float])],
    type: ElementType = .float32
  ) throws {
    let folder = "\(path)/\(name)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let layers = Set(tensors.compactMap { LayerName($0.name)?.layer }).count
    try write(
      #"{"model_type": "llama", "num_hidden_layers": \#(layers), "torch_dtype": "float32"}"#,
      "\(name)/config.json")
    try write(#"{"tokenizer of": "\#(name)"}"#, "\(name)/tokenizer.json")
    let writer = try SafetensorsWriter(
      folder: folder,
      tensors: tensors.map { .init(name: $0.name, elementType: type, shape: $0.shape) })
    for tensor in tensors { try writer.write(tensor.name, tensor.values.span) }
    try writer.finish()
  }

  func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }

  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }

  /// The three models of the values by hand: one tensor of [2, 4].
  static let base: [Float] = [1, -2, 0.5, 0, 0.25, 3, -1.5, 2]
  static let first: [Float] = [1.5, -2.5, 0.5, 0.4, 0.05, 3.2, -1, 1]
  static let second: [Float] = [0.8, -1, 1.5, -0.4, 0.35, 2, -2.5, 2.6]

  func writeModelsByHand() throws {
    for (name, values) in [("B", Self.base), ("X", Self.first), ("Y", Self.second)] {
      try model(name, [("w", [2, 4], values)])
    }
  }

  /// The only tensor of a merge.
  func merged(_ configuration: MergeConfiguration) throws -> [Float] {
    let plan = try MergePlan(configuration, relativeTo: path)
    return try plan.values(of: try #require(plan.tensors.first))
  }

  /// What a configuration is told is wrong with it.
  func complaint(_ yaml: String) -> String {
    do {
      _ = try MergePlan(MergeConfiguration(yaml: yaml, file: "m.yml"), relativeTo: path)
      return ""
    } catch {
      return "\(error)"
    }
  }
}
