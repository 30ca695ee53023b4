import Artifacts
import Glibc
import JSON
import OrderedCollections
import Synchronization
import Testing

@testable import Pipeline

/// 10 + 3 steps of 1 in each of three stages: 13, 16, 19.
@Suite(.serialized) struct ExecutorTests {
  @Test func aSecondRunMakesNothing() async throws {
    let shop = try Workshop()
    #expect(try await shop.run() == ["first", "second", "third"])
    #expect(try shop.result("third") == "19")
    #expect(try await shop.run() == [])
    #expect(try shop.executor().plan().reused == 3)
  }

  @Test func aChangedSettingRunsThatStageAndThoseBelowAndSaysWhy() async throws {
    let shop = try Workshop()
    _ = try await shop.run()
    var settings = Counting.Settings()
    settings.amount = 2
    shop.settings["second"] = settings
    let plan = try shop.executor().plan()
    #expect(plan.entries.map(\.action) == [.reuse, .run, .run])
    #expect(plan.entries[1].reasons == ["amount: 1 → 2"])
    #expect(plan.entries[2].reasons == ["$second runs first"])
    #expect(try await shop.run() == ["second", "third"])
    #expect(try shop.result("third") == "22")
    shop.settings = [:]
    #expect(try await shop.run() == [])
    #expect(try shop.result("third") == "19")
  }

  /// A learning rate changes the key but not the sum: what is below sees the same digest.
  @Test func theSameBytesFromAChangedStageLeaveThoseBelowAlone() async throws {
    let shop = try Workshop()
    _ = try await shop.run()
    shop.settings["first"] = Counting.Settings()
    shop.settings["first"]?.learningRate = 1
    #expect(try await shop.run() == ["first"])
  }

  @Test func aSettingThatCannotChangeAResultRunsNothing() async throws {
    let shop = try Workshop()
    _ = try await shop.run()
    shop.settings["first"] = Counting.Settings()
    shop.settings["first"]?.saveSteps = 100
    #expect(try await shop.run() == [])
    shop.seed = 2
    #expect(try await shop.run() == ["first", "second", "third"])
  }

  @Test(arguments: 0..<3) func anInterruptedStageGoesOnWithoutDoubleSteps(after: Int) async throws {
    let shop = try Workshop()
    Counting.stopsAfter.withLock { $0["second"] = after }
    await #expect(throws: PipelineError.interrupted(stage: "second")) { try await shop.run() }
    if after > 0 {
      #expect(try shop.executor().plan().entries[1].action == .resume(step: after))
    }
    let outcome = try await shop.executor().run { _ in }
    #expect(try shop.result("third") == "19")
    let metrics = try Files.read("\(outcome.logs)/metrics.jsonl")
    let lines = try metrics.split(separator: UInt8(ascii: "\n")).map {
      try JSON(parsing: Array($0))
    }
    let steps = lines.filter { $0["stage"] == "second" }.map { $0["step"]?.int }
    #expect(steps == [1, 2, 3])
    #expect(outcome.entries.map(\.wasReused) == [true, false, false])
    let straight = try Workshop()
    let record = try await straight.executor().run { _ in }.entries[2].record
    #expect(record.fingerprint == outcome.entries[2].record.fingerprint)
    #expect(record.outputs == outcome.entries[2].record.outputs)
  }

  @Test func aDamagedObjectIsMadeAgain() async throws {
    let shop = try Workshop()
    let outcome = try await shop.executor().run { _ in }
    let file = try #require(outcome.entries[1].record.outputs.first?.files.first)
    let object = shop.store.object(file.digest)
    try Files.remove(object)
    try Files.replace(object, with: Array("17".utf8))
    #expect(try await shop.run() == ["second"])
    #expect(try shop.store.verify().damage.isEmpty)
    #expect(try shop.result("second") == "16")
  }

  @Test func anInputThatChangesMeanwhileIsNotCached() async throws {
    struct Meddler: StageRunner {
      let path: String
      func run(
        _ order: WorkOrder, kind: StageKind, log: String, report: (StageEvent) throws -> Void
      ) async throws {
        try await InProcessRunner().run(order, kind: kind, log: log, report: report)
        try Files.replace(path, with: Array("11".utf8))
      }
    }
    let shop = try Workshop()
    await #expect(throws: PipelineError.self) {
      try await shop.run(Meddler(path: "\(shop.root)/data.txt"))
    }
    #expect(try shop.store.records().records.isEmpty)
    #expect(try await shop.run() == ["first", "second", "third"])
    #expect(try shop.result("first") == "14")
  }

  @Test func untilRunsWhatAStageNeeds() async throws {
    let shop = try Workshop()
    let part = try shop.graph.until("second")
    #expect(part.stages.map(\.name) == ["first", "second"])
    #expect(throws: PipelineError.unknownStage("secnd", known: ["first", "second", "third"])) {
      try shop.graph.until("secnd")
    }
  }

  @Test func lineageLeadsToTheRawMaterial() async throws {
    let shop = try Workshop()
    let outcome = try await shop.executor().run { _ in }
    let line = try shop.store.lineage(of: outcome.entries[2].record.fingerprint)
    #expect(line.map(\.record.stage) == ["third", "second", "first"])
    #expect(line.last?.record.inputs.first?.producer == nil)
    #expect(line.last?.record.inputs.first?.digest == Digest.of("10"))
  }
}

@Suite(.serialized) struct ChildProcessTests {
  private func order(_ shop: Workshop) throws -> WorkOrder {
    try Files.makeDirectory("\(shop.root)/work")
    return WorkOrder(
      kind: "count", stage: "x", settings: [:], inputs: [:], outputs: [:],
      work: "\(shop.root)/work/state", seed: 1)
  }

  private func launcher(_ shop: Workshop, _ script: String) throws -> Launcher {
    let path = "\(shop.root)/program"
    try Files.replace(path, with: Array("#!/bin/sh\n\(script)\n".utf8))
    chmod(path, 0o755)
    return Launcher(launch: Launch(), program: path)
  }

  @Test func aChildsLinesBecomeEvents() async throws {
    let shop = try Workshop()
    let line = StageEvent.step(1, of: nil, metrics: ["loss": 0.5]).json.serialized(.compact)
    let launcher = try launcher(shop, "echo talk; echo '\(line)'; echo aside >&2")
    var events: [StageEvent] = []
    try await launcher.run(
      order(shop), kind: StageKind(Counting.self), log: "\(shop.root)/log"
    ) { events.append($0) }
    #expect(events == [.step(1, of: nil, metrics: ["loss": 0.5])])
    #expect(try Files.read("\(shop.root)/log") == Array("aside\n".utf8))
  }

  @Test func aChildThatDiesIsNamedWithTheEndOfItsLog() async throws {
    let shop = try Workshop()
    let launcher = try launcher(shop, "echo out of luck >&2; kill -SEGV $$")
    await #expect {
      try await launcher.run(
        order(shop), kind: StageKind(Counting.self), log: "\(shop.root)/log"
      ) { _ in }
    } throws: { error in
      "\(error)".contains("signal 11") && "\(error)".contains("out of luck")
        && ExitCode(for: error) == .defect
    }
  }

  @Test func aFailureKeepsItsOwnWordsAndCode() async throws {
    let shop = try Workshop()
    let line = StageEvent.failure(code: 65, message: "row 3 is empty").json.serialized(.compact)
    let launcher = try launcher(shop, "echo '\(line)'; exit 1")
    await #expect {
      try await launcher.run(
        order(shop), kind: StageKind(Counting.self), log: "\(shop.root)/log"
      ) { _ in }
    } throws: { error in
      "\(error)".contains("row 3 is empty") && ExitCode(for: error) == .badInput
    }
  }

  @Test func commandsNameTheirRanks() {
    var launch = Launch()
    launch.ranks = 2
    let launcher = Launcher(launch: launch, program: "/bin/z")
    #expect(launcher.command(ranks: 1, order: "o").first == "/bin/z")
    #expect(launcher.command(ranks: 2, order: "o").prefix(3).last == "--oversubscribe")
    launch.command = ["srun", "-n", "{ranks}"]
    #expect(
      Launcher(launch: launch, program: "/bin/z").command(ranks: 2, order: "o")
        == ["srun", "-n", "2", "/bin/z", "work", "o"])
  }
}
