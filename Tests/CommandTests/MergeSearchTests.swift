import Foundation
import JSON
import Testing

/// `merge --search`: a merge whose parameters nobody gave.
@Suite struct MergeSearchTests {
  private let folder = TemporaryFolder()
  private let arguments: [String]

  init() throws {
    let models = [
      try FreshModel.make(in: folder, "a", seed: 1), try FreshModel.make(in: folder, "b", seed: 2),
    ]
    let rows = try folder.write(#"{"text": "2+2=4 and 2+3=5"}"# + "\n", "rows.jsonl")
    let others = try folder.write(#"{"text": "3+3=6"}"# + "\n", "others.jsonl")
    arguments =
      ["merge", "--method", "linear"] + models + [
        "--search", "--on", "text=\(rows)", "--held-out", "text=\(others)", "--budget", "4",
        "--tune", "weight=0.1:1", "--with", "strategy=grid", "--with", "scores=[loss]",
      ]
  }

  private func digest(_ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: folder.file("\(name)/model.safetensors")))
  }

  /// Of a grid of two weights with two values each, the one of least loss; its parents are told of.
  @Test func theBestOfSomeMergesIsMade() throws {
    let out = folder.file("out")
    let outcome = try Executable.run(arguments + ["--output", out])
    #expect(outcome.code == 0, "\(outcome.complaint)")
    let report = try JSON(parsing: folder.text("out.report/report.json"))
    let candidates = try #require(report["candidates"]?.array)
    #expect(candidates.count == 4)
    let scores = candidates.compactMap { $0["combined"]?.double }
    #expect(report["winner"]?["combined"]?.double == scores.max())
    #expect(report["heldout"] == true)
    let verdict = try #require(report["verdict"]?.string)
    #expect(outcome.complaint.contains(verdict))
    #expect(outcome.complaint.contains("model-1 is "))
    // Less of a loss is better.
    let losses = (report["comparison"]?["models"]?.array ?? []).compactMap {
      $0["loss"]?["mean"]?.double
    }
    #expect(losses.count == 3)
    let isBetter = losses.last == losses.min() && losses.count { $0 == losses.last } == 1
    #expect(verdict.contains("is better than every parent") == isBetter)
    #expect(try folder.text("out.report/report.md").contains("## On held-out rows"))
    #expect(folder.names == ["a", "b", "others.jsonl", "out", "out.report", "rows.jsonl"])
    // The configuration beside the weights makes them again.
    #expect(try folder.text("out/mergekit_config.yml").contains("merge_method: linear"))

    let again = try Executable.run(arguments + ["--output", out])
    #expect(again.code == 64)
    #expect(again.complaint.contains("is there already"))
  }

  /// Killed after its first score: the same command ends in the same bytes.
  @Test func aKilledSearchGoesOn() throws {
    #expect(try Executable.run(arguments + ["--output", folder.file("whole")]).code == 0)
    let process = Process()
    process.executableURL = URL(filePath: Executable.path)
    process.arguments = arguments + ["--output", folder.file("killed")]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    while process.isRunning, !folder.holds("killed.search/scored/scores/parents.json") {
      usleep(2000)
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    if !folder.holds("killed") {
      let again = try Executable.run(arguments + ["--output", folder.file("killed")])
      #expect(again.code == 0, "\(again.complaint)")
    }
    #expect(try digest("killed") == digest("whole"))
    #expect(!folder.holds("killed.search"))
  }

  @Test(arguments: [
    (["--on", "txt=rows.jsonl"], 64, "did you mean `text`?"),
    (["--on", "text=nowhere.jsonl"], 66, "nowhere.jsonl"),
    (["--on", "text=rows.jsonl", "--tune", "densty"], 65, "no parameter `densty`"),
    (["--on", "text=rows.jsonl", "--tune", "weight=1"], 64, "weight=0:1.5"),
    (["--on", "text=rows.jsonl", "--with", "stratgy=grid"], 65, "did you mean `strategy`?"),
    (["--on", "text=rows.jsonl", "--budget", "0"], 65, "1 or more"),
    (["--on", "text=rows.jsonl", "--plan"], 64, "only look at one"),
    ([], 64, "--on problems=FILE"),
  ])
  func whatIsWrongIsSaidBeforeAnythingIsWritten(
    _ options: [String], _ code: Int32, _ remedy: String
  ) throws {
    let before = folder.names
    let outcome = try Executable.run(
      ["merge", "--method", "linear", "a", "b", "--output", "out", "--search"] + options,
      in: folder.path)
    #expect(outcome.code == code, "\(outcome.complaint)")
    #expect(outcome.complaint.contains(remedy), "\(outcome.complaint)")
    #expect(folder.names == before)
  }

  @Test func weightsAndSearchExcludeEachOther() throws {
    let outcome = try Executable.run(
      [
        "merge", "--method", "linear", "a:0.5", "b", "--output", "out", "--search", "--on",
        "text=rows.jsonl",
      ], in: folder.path)
    #expect(outcome.code == 64)
    #expect(outcome.complaint.contains("a search finds the weights itself: write a"))
  }
}
