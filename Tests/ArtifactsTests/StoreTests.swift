import Glibc
import JSON
import OrderedCollections
import Testing

@testable import Artifacts

@Suite struct StoreTests {
  /// NIST's example: SHA-256("abc").
  @Test func aDigestIsNISTs() {
    let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(Digest.of("abc").hex == hex)
    #expect(Digest(hex: hex) == Digest.of("abc"))
    #expect(Digest(hex: "xy") == nil)
  }

  @Test func aTreesDigestKnowsNamesAndContentsOnly() throws {
    let place = try Place()
    try place.write("a/one/x.txt", "1")
    try place.write("a/y.txt", "2")
    try place.write("b/y.txt", "2")
    try place.write("b/one/x.txt", "1")
    try place.write("b/.git/config", "not part of it")
    var cache = DigestCache()
    let first = try cache.digest(of: place.path("a"))
    #expect(try cache.digest(of: place.path("b")) == first)
    try place.write("b/y.txt", "3")
    #expect(try cache.digest(of: place.path("b")) != first)
  }

  @Test func aSecondLookReadsNothing() throws {
    let place = try Place()
    try place.write("a/x.txt", "1")
    usleep(80_000)
    var cache = DigestCache()
    let digest = try cache.digest(of: place.path("a"))
    try cache.save(to: place.path("cache"))
    var second = DigestCache(contentsOf: place.path("cache"))
    #expect(try second.digest(of: place.path("a")) == digest)
    #expect(cache.filesRead == 1)
    #expect(second.filesRead == 0)
  }

  @Test func whatIsPublishedCanBeReadBackAndIsProtected() throws {
    let place = try Place()
    let record = try place.publish("weights")
    let store = place.store
    #expect(try store.record(record.fingerprint) == record)
    let file = try #require(record.output(named: "model")?.files.first)
    #expect(try Files.read(store.object(file.digest)) == Array("weights".utf8))
    #expect(access(store.object(file.digest), F_OK) == 0)
    #expect(!Files.exists(store.work(record.fingerprint)))
    let text = try Files.read(store.recordPath(record.fingerprint))
    let json = try JSON(parsing: text)
    #expect(json["outputs"]?["model"]?["weights.bin"]?.string == Digest.of("weights").hex)
  }

  /// Publishing one file passes six points; a crash at any of them leaves the record unwritten or
  /// all of it there, and the next attempt goes through.
  @Test(arguments: 0..<6) func aCrashAnywhereLeavesNothingThatAReaderBelieves(point: Int) throws {
    struct Crash: Error {}
    let place = try Place()
    var passed = 0
    do {
      _ = try place.publish("weights") { _ in
        if passed == point { throw Crash() }
        passed += 1
      }
    } catch is Crash {}
    let store = place.store
    let (records, damaged) = try store.records()
    #expect(damaged.isEmpty)
    for record in records {
      var cache = DigestCache()
      #expect(try store.damage(of: record, cache: &cache).isEmpty)
    }
    #expect(try store.verify().damage.isEmpty)
    let record = try place.publish("weights")
    #expect(try store.record(record.fingerprint) == record)
  }

  @Test func verifyFindsAFlippedByteAndWhoNeedsIt() throws {
    let place = try Place()
    let record = try place.publish("weights")
    let object = place.store.object(Digest.of("weights"))
    try Files.remove(object)
    try Files.replace(object, with: Array("weightz".utf8))
    let found = try place.store.verify()
    #expect(found.damage.count == 1)
    #expect(found.damage.first?.affects == ["sft of demo"])
    var cache = DigestCache()
    #expect(try place.store.damage(of: record, cache: &cache).count == 1)
  }

  @Test func everyFlippedBitOfARecordIsFound() throws {
    let place = try Place()
    let record = try place.publish("weights")
    let path = place.store.recordPath(record.fingerprint)
    let bytes = try Files.read(path)
    for index in stride(from: 0, to: bytes.count, by: 7) {
      var changed = bytes
      changed[index] ^= 1
      try Files.replace(path, with: changed, durably: false)
      let read = try? place.store.record(record.fingerprint)
      #expect(read == nil || read == record, "byte \(index)")
    }
  }

  @Test func latestShowsPlainFilesAndChangesAtOnce() throws {
    let place = try Place()
    let first = try place.publish("one")
    let output = try #require(first.outputs.first)
    let path = place.path("w/latest/demo/sft/weights.bin")
    try place.store.updateLatest(recipe: "demo", stage: "sft", output: output)
    #expect(try Files.read(path) == Array("one".utf8))
    let second = try place.publish("two")
    try place.store.updateLatest(
      recipe: "demo", stage: "sft/1/x", output: try #require(first.outputs.first))
    try place.store.updateLatest(
      recipe: "demo", stage: "sft", output: try #require(second.outputs.first))
    #expect(try Files.read(path) == Array("two".utf8))
    #expect(Files.exists(place.path("w/latest/demo/sft/1/x/weights.bin")))
    #expect(throws: ArtifactError.self) {
      try place.store.updateLatest(recipe: "..", stage: "sft", output: output)
    }
  }

  @Test func aSecondRunIsToldWhoHoldsTheWorkspace() throws {
    let place = try Place()
    let lock = try WorkspaceLock(workspace: place.path("w"), since: "noon")
    #expect {
      let second = try WorkspaceLock(workspace: place.path("w"), since: "later")
      second.keep()
    } throws: { error in
      "\(error)".contains("pid \(getpid())") && "\(error)".contains("since noon")
    }
    lock.keep()
  }

  @Test func garbageIsWhatNoKeptRecordNames() throws {
    let place = try Place()
    let first = try place.publish("one")
    let second = try place.publish("three")
    #expect(try place.store.collectGarbage(keeping: [second.fingerprint], isRehearsal: true) == 3)
    #expect(try place.store.record(first.fingerprint) != nil)
    #expect(try place.store.collectGarbage(keeping: [second.fingerprint]) == 3)
    #expect(try place.store.record(first.fingerprint) == nil)
    #expect(try place.store.verify().damage.isEmpty)
  }

  @Test func aPipeIsNoInput() throws {
    let place = try Place()
    mkfifo(place.path("pipe"), 0o644)
    var cache = DigestCache()
    #expect(throws: ArtifactError.self) { try cache.digest(of: place.path("pipe")) }
  }
}

/// A directory that goes with the test.
final class Place {
  let root: String
  var store: ArtifactStore { ArtifactStore(workspace: "\(root)/w") }

  init() throws {
    root = "/tmp/zhinao-artifacts-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    try Files.makeDirectory(root)
  }

  deinit { try? Files.remove(root) }

  func path(_ name: String) -> String { "\(root)/\(name)" }

  func write(_ name: String, _ text: String) throws {
    try Files.makeDirectory(Files.directory(of: path(name)))
    try Files.replace(path(name), with: Array(text.utf8), durably: false)
  }

  func publish(
    _ text: String, passing: (PublishPoint) throws -> Void = { _ in }
  ) throws -> RunRecord {
    let record = RunRecord(
      key: ["kind": "sft", "revision": 1, "text": .string(text)], recipe: "demo", stage: "sft",
      settings: ["beta": 0.1],
      inputs: [.init(slot: "data", source: "data.jsonl", digest: Digest.of("rows"))],
      summary: ["loss": 0.5], started: "2026-01-01T00:00:00Z", seconds: 1.5)
    try write("out/weights.bin", text)
    var cache = DigestCache()
    return try store.publish(
      [.init(name: "model", kind: .model, path: path("out"))], as: record, cache: &cache,
      passing: passing)
  }
}
