import Artifacts
import Checkpoints
import Collectives
public import JSON
import Kernels
import Transformers

/// Checkpoints of a training run, between steps: weights, moments, the step, what the objective carries from step to step,
/// and what a stage adds.
///
/// Every rank writes its part of the trainable vector, and the manifest comes last: a checkpoint
/// without one does not exist. A run goes on from it at any number of ranks, since the parts name
/// their ranges. The data's cursor and the randomness need nothing but the step.
public struct CheckpointStore {
  static let format = 1
  static let manifestName = "checkpoint.json"

  /// The folder that holds `step-00000012/`.
  public let folder: String

  public init(folder: String) {
    self.folder = folder
  }

  /// Saves the trainer's state, then forgets the older checkpoints; every rank takes part.
  ///
  /// `extra` is what the stage must have to go on besides the weights; rank 0's is kept.
  public func save(_ trainer: Trainer, extra: JSON = [:]) throws {
    let communicator = trainer.communicator
    let name = stepName(trainer.step)
    let path = folder + "/" + name
    if communicator.rank == 0 {
      try Files.makeDirectory(folder)
      if Files.exists(path) { try Files.remove(path) }
      try Files.makeDirectory(path)
    }
    try communicator.barrier()
    let part = try writePart(trainer, in: path)
    let parts = try communicator.allGather(Array(part.serialized().utf8)).map {
      try JSON(parsing: $0)
    }
    if communicator.rank == 0 {
      var manifest: JSON = [
        "format": .integer(CheckpointStore.format), "step": .integer(trainer.step),
        "parameters": .integer(trainer.transformer.trainable.count), "parts": .array(parts),
        "extra": extra,
      ]
      if !trainer.objectiveState.isEmpty {
        manifest["objective"] = .array(
          trainer.objectiveState.map { .integer(Int(bitPattern: UInt($0.bitPattern))) })
      }
      try Files.synchronize(directory: path)
      try Files.replace(
        path + "/" + CheckpointStore.manifestName, with: Array(manifest.serialized(.pretty).utf8))
      for older in try Files.names(in: folder) where older != name {
        try Files.remove(folder + "/" + older)
      }
    }
    try communicator.barrier()
  }

  private func stepName(_ step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  /// The checkpoint with the highest step that has a manifest.
  func newest() throws -> String? {
    guard Files.exists(folder) else { return nil }
    return try Files.names(in: folder).sorted().last {
      $0.hasPrefix("step-") && Files.exists("\(folder)/\($0)/\(CheckpointStore.manifestName)")
    }.map { folder + "/" + $0 }
  }

  /// Writes this rank's part; gives its entry in the manifest.
  private func writePart(_ trainer: Trainer, in path: String) throws -> JSON {
    let communicator = trainer.communicator
    let optimizer = trainer.optimizer
    let range = optimizer.part
    let name = "part-\(communicator.rank)-of-\(communicator.size)"
    let tensors =
      ["parameters", "first_moment", "second_moment"]
      + (trainer.companion == nil ? [] : ["companion"])
    let writer = try SafetensorsWriter(
      folder: path, baseName: name,
      tensors: tensors.map {
        TensorInformation(name: $0, elementType: .float32, shape: [range.count])
      }, shardLimit: .max)
    try trainer.transformer.trainable.values.withSpan(range) { span throws in
      try writer.write("parameters", span)
    }
    try optimizer.firstMoment.withSpan(0..<range.count) { span throws in
      try writer.write("first_moment", span)
    }
    try optimizer.secondMoment.withSpan(0..<range.count) { span throws in
      try writer.write("second_moment", span)
    }
    try trainer.companion?.withSpan(range) { span throws in try writer.write("companion", span) }
    try writer.finish()
    let file = name + ".safetensors"
    return [
      "file": .string(file), "start": .integer(range.lowerBound), "end": .integer(range.upperBound),
      "sha256": .string(try Digest.of(file: path + "/" + file).hex),
    ]
  }
}
