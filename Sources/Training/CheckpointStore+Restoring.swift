import Artifacts
import Checkpoints
public import JSON
import Kernels
import Transformers

extension CheckpointStore {
  /// What the manifest says of one rank's file.
  private struct Part {
    let file: String
    let range: Range<Int>
    let digest: String
  }

  /// Puts the trainer where the newest checkpoint was, and gives back its `extra`; nil without one.
  ///
  /// All files are held against their digests before anything is taken from any.
  /// - Throws: `TrainingError.checkpoint` when one is there and is not whole.
  public func restore(_ trainer: Trainer) throws -> JSON? {
    guard let newest = try newest() else { return nil }
    let manifest = try manifest(of: newest)
    guard manifest["format"]?.int == CheckpointStore.format, let step = manifest["step"]?.int,
      step >= 0
    else { throw unreadable(newest) }
    let count = trainer.transformer.trainable.count
    guard manifest["parameters"]?.int == count else {
      throw TrainingError.checkpoint(
        path: newest, reason: "it is of another model: this one trains \(count) numbers")
    }
    let parts = try parts(manifest, of: newest, count: count)
    for part in parts { try verify(part) }
    for part in parts { try restore(part, trainer) }
    if trainer.transformer.adapter == nil { trainer.transformer.roundCopies() }
    trainer.objectiveState = (manifest["objective"]?.array ?? []).compactMap(\.int).map {
      Double(bitPattern: UInt64(UInt(bitPattern: $0)))
    }
    trainer.step = step
    return manifest["extra"] ?? [:]
  }

  private func manifest(of path: String) throws -> JSON {
    let file = path + "/" + CheckpointStore.manifestName
    do {
      return try JSON(parsing: Files.read(file))
    } catch let error as JSONError {
      throw TrainingError.checkpoint(path: file, reason: error.description)
    }
  }

  /// The parts, which must be the whole vector, in order and without a gap.
  private func parts(_ manifest: JSON, of path: String, count: Int) throws -> [Part] {
    var parts: [Part] = []
    var covered = 0
    for entry in manifest["parts"]?.array ?? [] {
      guard let name = entry["file"]?.string, !name.contains("/"),
        let digest = entry["sha256"]?.string, entry["start"]?.int == covered,
        let end = entry["end"]?.int, end >= covered, end <= count
      else { throw unreadable(path) }
      parts.append(Part(file: path + "/" + name, range: covered..<end, digest: digest))
      covered = end
    }
    guard covered == count else { throw unreadable(path) }
    return parts
  }

  private func unreadable(_ path: String) -> TrainingError {
    TrainingError.checkpoint(
      path: path + "/" + CheckpointStore.manifestName,
      reason: "it does not describe a whole checkpoint; remove the folder to start the stage anew")
  }

  private func verify(_ part: Part) throws {
    guard Files.exists(part.file) else {
      throw TrainingError.checkpoint(
        path: part.file, reason: "it is gone; remove the folder to start the stage anew")
    }
    guard try Digest.of(file: part.file).hex == part.digest else {
      throw TrainingError.checkpoint(
        path: part.file,
        reason: "its bytes are not those that were saved; remove the folder to start the stage anew"
      )
    }
  }

  /// Takes from one part what this rank needs: all its weights, and the moments of its own range.
  private func restore(_ part: Part, _ trainer: Trainer) throws {
    let source = try SafetensorsFile(path: part.file)
    try trainer.transformer.trainable.values.withMutableSpan(part.range) { span throws in
      try source.readFloats("parameters", into: &span)
    }
    try trainer.companion?.withMutableSpan(part.range) { span throws in
      try source.readFloats("companion", into: &span)
    }
    let optimizer = trainer.optimizer
    let own = part.range.clamped(to: optimizer.part)
    guard !own.isEmpty else { return }
    let start = part.range.lowerBound
    let stored = own.lowerBound - start..<own.upperBound - start
    let base = optimizer.part.lowerBound
    let place = own.lowerBound - base..<own.upperBound - base
    try optimizer.firstMoment.withMutableSpan(place) { span throws in
      try source.readFloats("first_moment", elements: stored, into: &span)
    }
    try optimizer.secondMoment.withMutableSpan(place) { span throws in
      try source.readFloats("second_moment", elements: stored, into: &span)
    }
  }
}
