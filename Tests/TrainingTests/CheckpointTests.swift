import Foundation
import JSON
import Kernels
import Testing
import Training
import Transformers

@Suite struct CheckpointTests {
  /// Three steps, a checkpoint, three more; or six without a stop: weights and reports to the last bit.
  @Test func aRestoredRunIsTheRunThatWentStraightThrough() throws {
    let straight = Runs.toy()
    let trainer = Runs.trainer(straight)
    var losses: [Double] = []
    for step in 0..<6 { losses.append(try Runs.step(trainer, step).loss) }

    try withTemporaryFolder { folder in
      let store = CheckpointStore(folder: folder + "/checkpoints")
      let first = Runs.trainer(Runs.toy())
      #expect(try store.restore(first) == nil)
      for step in 0..<3 { try Runs.step(first, step) }
      try store.save(first, extra: ["best": 0.5])

      let network = Runs.toy()
      let second = Runs.trainer(network)
      #expect(try store.restore(second) == ["best": 0.5])
      #expect(second.step == 3)
      for step in 3..<6 { #expect(try Runs.step(second, step).loss == losses[step]) }
      #expect(network.trainable.values.array() == straight.trainable.values.array())
    }
  }

  /// What oneDNN's products read is the weights as they are, after a step and after a checkpoint.
  @Test(.enabled(if: Compute.multipliesBrainFloats)) func roundedCopiesKeepStepWithTheWeights()
    throws
  {
    let sequences = Runs.batch(1).flatMap(\.sequences)
    func expectCopies(of network: Transformer) {
      let fresh = Runs.toy(.bfloat16)
      let found = network.logProbabilities(of: sequences).values
      fresh.base.values.copy(from: network.base.values.array())
      #expect(fresh.logProbabilities(of: sequences).values != found)
      fresh.roundCopies()
      #expect(fresh.logProbabilities(of: sequences).values == found)
    }
    try withTemporaryFolder { folder in
      let store = CheckpointStore(folder: folder)
      let network = Runs.toy(.bfloat16)
      let trainer = Runs.trainer(network)
      for step in 0..<2 {
        try Runs.step(trainer, step)
        expectCopies(of: network)
      }
      try store.save(trainer)
      let restored = Runs.toy(.bfloat16)
      #expect(try store.restore(Runs.trainer(restored)) != nil)
      expectCopies(of: restored)
    }
  }

  @Test func onlyTheNewestCheckpointIsKept() throws {
    try withTemporaryFolder { folder in
      let store = CheckpointStore(folder: folder)
      let trainer = Runs.trainer(Runs.toy())
      for step in 0..<3 {
        try Runs.step(trainer, step)
        try store.save(trainer)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["step-00000003"])
    }
  }

  /// A crash while it was being written leaves no manifest: the one before counts.
  @Test func aCheckpointWithoutItsManifestDoesNotExist() throws {
    try withTemporaryFolder { folder in
      let trainer = try saved(in: folder)
      try FileManager.default.createDirectory(
        atPath: folder + "/step-00000009", withIntermediateDirectories: true)
      let again = Runs.trainer(Runs.toy())
      #expect(try CheckpointStore(folder: folder).restore(again) != nil)
      #expect(again.step == trainer.step)
    }
  }

  @Test(arguments: [8, 2000, -1])
  func aFlippedBitIsFound(place: Int) throws {
    try withTemporaryFolder { folder in
      try saved(in: folder)
      try damage(part(in: folder)) { bytes in
        bytes[place < 0 ? bytes.count + place : place] ^= 1
      }
      try refuses(folder, "its bytes are not those that were saved")
    }
  }

  @Test func aPartThatIsCutShortOrGoneIsFound() throws {
    try withTemporaryFolder { folder in
      try saved(in: folder)
      try damage(part(in: folder)) { $0.removeLast(100) }
      try refuses(folder, "its bytes are not those that were saved")
      try FileManager.default.removeItem(atPath: part(in: folder))
      try refuses(folder, "it is gone")
    }
  }

  @Test(arguments: [
    "{", "{}", #"{"format":1,"step":-1,"parameters":0,"parts":[]}"#,
    #"{"format":1,"step":3,"parameters":COUNT,"parts":[]}"#,
    #"{"format":1,"step":3,"parameters":COUNT,"parts":[{"file":"../x","sha256":"","start":0,"end":COUNT}]}"#,
  ])
  func aManifestThatDescribesNothingWholeIsRefused(text: String) throws {
    try withTemporaryFolder { folder in
      let trainer = try saved(in: folder)
      let count = String(trainer.transformer.trainable.count)
      try damage(manifest(in: folder)) {
        $0 = Array(text.replacingOccurrences(of: "COUNT", with: count).utf8)
      }
      try refuses(folder, "checkpoint.json")
    }
  }

  @Test func aCheckpointOfAnotherModelIsRefused() throws {
    try withTemporaryFolder { folder in
      try saved(in: folder)
      try damage(manifest(in: folder)) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        bytes = Array(
          text.replacingOccurrences(of: "\"parameters\": ", with: "\"parameters\": 1").utf8)
      }
      try refuses(folder, "it is of another model")
    }
  }

  @discardableResult private func saved(in folder: String) throws -> Trainer {
    let trainer = Runs.trainer(Runs.toy())
    for step in 0..<3 { try Runs.step(trainer, step) }
    try CheckpointStore(folder: folder).save(trainer)
    return trainer
  }

  private func part(in folder: String) -> String {
    folder + "/step-00000003/part-0-of-1.safetensors"
  }

  private func manifest(in folder: String) -> String { folder + "/step-00000003/checkpoint.json" }

  private func damage(_ path: String, _ change: (inout [UInt8]) -> Void) throws {
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    change(&bytes)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  /// The message is told, and neither weights nor the step are touched.
  private func refuses(_ folder: String, _ message: String) throws {
    let network = Runs.toy()
    let before = network.trainable.values.array()
    let trainer = Runs.trainer(network)
    let error = #expect(throws: TrainingError.self) {
      try CheckpointStore(folder: folder).restore(trainer)
    }
    let found = error.map(String.init(describing:)) ?? ""
    #expect(found.contains(message), "\(found)")
    #expect(network.trainable.values.array() == before)
    #expect(trainer.step == 0)
  }
}
