import Foundation
import Kernels
import Transformers

/// Recipes and data that tests write into a folder.
enum Recipes {
  /// Two steps of pretraining the nano model from fresh weights.
  static let training = """
    name: tiny
    seed: 7
    stages:
      sft:
        kind: sft
        inputs: {model: model, data: data.jsonl}
        with: {initialize: true, max_steps: 2, batch_size: 2, max_length: 128}

    """

  /// The recipe's data and its model without weights.
  static func data(_ folder: TemporaryFolder) throws {
    _ = try folder.write(rows, "data.jsonl")
    try FileManager.default.copyItem(
      atPath: repository + "/models/nano-seed", toPath: folder.file("model"))
  }

  static let rows = """
    {"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]}
    {"messages": [{"role": "user", "content": "2+3?"}, {"role": "assistant", "content": "5"}]}
    {"messages": [{"role": "user", "content": "2+4?"}, {"role": "assistant", "content": "6"}]}

    """
}

/// A model with weights that nobody has trained.
enum FreshModel {
  static func make(
    in folder: TemporaryFolder, _ name: String = "fresh", seed initialization: UInt64 = 1
  ) throws -> String {
    let path = folder.file(name)
    let seed = repository + "/models/nano-seed"
    try FileManager.default.copyItem(atPath: seed, toPath: path)
    let model = try ModelDirectory(path: path)
    let transformer = try model.load(compute: Compute(), initializationSeed: initialization)
    try transformer.save(to: path, as: model.architecture)
    return path
  }
}
