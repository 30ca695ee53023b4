import Checkpoints
import Foundation
import Testing

@testable import Merging

/// A merge that ends in the middle, is gone on with, and is shared out.
@Suite struct ResumptionTests {
  private let fixture: Fixture
  private let configuration = MergeConfiguration(
    method: "dare_ties", base: "B", models: [("X", 0.5), ("Y", 0.7)],
    settings: [("density", .scalar(0.5))], elementType: .bfloat16, seed: 3)
  private let names = ["model.embed_tokens.weight", "model.norm.weight", "a", "b", "c"]

  init() throws {
    fixture = try Fixture()
    for (model, name) in ["B", "X", "Y"].enumerated() { try write(name, seed: UInt64(model + 1)) }
  }

  private func write(_ model: String, seed: UInt64) throws {
    let shapes = [[50, 20], [20], [300, 41], [7, 3], [40]]
    try fixture.model(
      model,
      zip(names, shapes).map { name, shape in
        (name, shape, numbers(shape.reduce(1, *), seed: seed &* 31 &+ UInt64(name.utf8.count)))
      })
  }

  private func plan() throws -> MergePlan {
    try MergePlan(configuration, relativeTo: fixture.path)
  }

  private func bytes(_ output: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    let folder = "\(fixture.path)/\(output)"
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      files[name] = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    return files
  }

  private struct Stop: Error {}

  /// Ends a merge after some of its five tensors; the whole one is `whole`.
  private func interrupt(after count: Int, output: String = "out") throws {
    #expect(throws: Stop.self) {
      try plan().execute(output: "\(fixture.path)/\(output)", shardLimit: 20_000, threads: 1) {
        if $0.done == count { throw Stop() }
      }
    }
  }

  private func whole(threads: Int = 1) throws -> [String: Data] {
    let name = "whole-\(threads)"
    try plan().execute(output: "\(fixture.path)/\(name)", shardLimit: 20_000, threads: threads)
    return try bytes(name)
  }

  @Test(arguments: 1...5) func anInterruptedMergeEndsInTheSameBytes(count: Int) throws {
    let expected = try whole()
    #expect(expected.keys.contains("model.safetensors.index.json"))
    try interrupt(after: count)
    #expect(!FileManager.default.fileExists(atPath: "\(fixture.path)/out"))
    try plan().execute(output: "\(fixture.path)/out", shardLimit: 20_000)
    #expect(try bytes("out") == expected)
    #expect(try !fixture.names.contains("out.partial"))
  }

  /// Only what is missing is made: tensors that are there are not written again.
  @Test func whatIsThereIsKept() throws {
    try interrupt(after: 3)
    let before = try fixture.text("out.partial/journal-0").split(separator: "\n")
    #expect(before.count == 3)
    let session = try MergeSession(plan(), output: "\(fixture.path)/out", shardLimit: 20_000)
    try session.make(threads: 1)
    let lines = try fixture.text("out.partial/journal-0").split(separator: "\n")
    #expect(lines.count == 5)
    #expect(Set(lines).count == 5)
    try session.finish()
  }

  /// A changed byte on disk and half a line of the journal are found, and made good.
  @Test func whatWasDamagedIsMadeAgain() throws {
    let expected = try whole()
    try interrupt(after: 4)
    let files = "\(fixture.path)/out.partial/files"
    for name in try FileManager.default.contentsOfDirectory(atPath: files) {
      let handle = try #require(FileHandle(forUpdatingAtPath: "\(files)/\(name)"))
      let end = try handle.seekToEnd()
      try handle.seek(toOffset: end - 3)
      try handle.write(contentsOf: Data([0xFF]))
      try handle.close()
    }
    let journal = try #require(
      FileHandle(forUpdatingAtPath: "\(fixture.path)/out.partial/journal-0"))
    _ = try journal.seekToEnd()
    try journal.write(contentsOf: Data(#"{"tensor": "#.utf8))
    try journal.close()
    try plan().execute(output: "\(fixture.path)/out", shardLimit: 20_000)
    #expect(try bytes("out") == expected)
  }

  /// Another plan, or a model that was written again, begins anew.
  @Test func nothingIsResumedOverAnotherPlanOrInput() throws {
    try interrupt(after: 3)
    try write("Y", seed: 99)
    try plan().execute(output: "\(fixture.path)/out", shardLimit: 20_000)
    #expect(try bytes("out") == whole())

    try interrupt(after: 3, output: "other")
    var changed = configuration
    changed.seed = 4
    let plan = try MergePlan(changed, relativeTo: fixture.path)
    try plan.execute(output: "\(fixture.path)/other", shardLimit: 20_000)
    try plan.execute(output: "\(fixture.path)/straight", shardLimit: 20_000)
    #expect(try bytes("other") == bytes("straight"))
    #expect(try bytes("other") != bytes("out"))
  }

  @Test func anInputThatIsComputedCountsToo() throws {
    let source = try HuggingFaceDirectory(path: "\(fixture.path)/X").weights()
    let rows = { (rows: [RowSource]) in
      DerivedTensors(
        source,
        replacing: [
          RemappedRows(
            name: "a", shape: [2, 41], sources: [(source, "a")], own: 0, rows: rows)
        ])
    }
    #expect(rows([.own(1), .zero]).identity == rows([.own(1), .zero]).identity)
    #expect(rows([.own(1), .zero]).identity != rows([.own(2), .zero]).identity)
    #expect(source.identity.contains { $0.contains("X/model.safetensors") })
  }

  @Test(arguments: [2, 4]) func threadsChangeNoByte(threads: Int) throws {
    #expect(try whole(threads: threads) == whole())
  }

  /// Three processes' shares, made one after another by this one; then two go on with what three began.
  @Test func sharesMakeTheSameBytes() throws {
    let expected = try whole()
    let output = "\(fixture.path)/out"
    let first = try MergeSession(plan(), output: output, shardLimit: 20_000)
    try first.make(MergeShare(rank: 0, of: 3), threads: 1)
    let second = try MergeSession(joining: plan(), output: output, shardLimit: 20_000)
    try second.make(MergeShare(rank: 1, of: 3), threads: 1)
    #expect(throws: MergeError.self) { try first.finish() }

    let again = try MergeSession(plan(), output: output, shardLimit: 20_000)
    let other = try MergeSession(joining: plan(), output: output, shardLimit: 20_000)
    try again.make(MergeShare(rank: 0, of: 2), threads: 1)
    try other.make(MergeShare(rank: 1, of: 2), threads: 2)
    try again.finish()
    #expect(try bytes("out") == expected)
  }

  @Test func twoProcessesDoNotMakeTheSameOutput() throws {
    let output = "\(fixture.path)/out"
    let session = try MergeSession(plan(), output: output)
    #expect(throws: MergeError.busy(path: output)) {
      _ = try MergeSession(plan(), output: output)
    }
    withExtendedLifetime(session) {}
  }

  /// Pieces in any order and size add up to the same; a changed, lost or exchanged unit shows.
  @Test func checksumsAddUp() {
    let bytes = (0..<1001).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / 7) }
    var whole = Checksum()
    whole.add(bytes, at: 0)
    var parts = Checksum()
    parts.add(Array(bytes[600...]), at: 600)
    parts.add(Array(bytes[..<600]), at: 0)
    #expect(parts == whole)
    for index in [0, 1, 500, 1000] {
      var changed = bytes
      changed[index] ^= 1
      var sum = Checksum()
      sum.add(changed, at: 0)
      #expect(sum != whole)
    }
    var exchanged = Checksum()
    exchanged.add(Array(bytes[2..<4] + bytes[0..<2] + bytes[4...]), at: 0)
    #expect(exchanged != whole)
  }
}
