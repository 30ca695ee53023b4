import Foundation
import JSON
import Testing

/// A recipe run as a person runs it.
@Suite struct RunTests {
  private let folder = TemporaryFolder()

  private func run(_ options: String...) throws -> Executable.Outcome {
    try Executable.run(["run", "recipe.yaml"] + options, in: folder.path)
  }

  @Test func aSecondRunMakesNothingAndTheCommandsTellWhy() throws {
    try Recipes.data(folder)
    _ = try folder.write(Recipes.training, "recipe.yaml")

    let plan = try run("--dry-run", "--json")
    #expect(plan.code == 0)
    #expect(try JSON(parsing: plan.output)["stages"]?.array?.first?["action"]?.string == "run")
    #expect(!folder.holds("workspace"))

    let first = try run("--json")
    #expect(first.code == 0, "\(first.complaint)")
    let second = try run("--json", "--ranks", "2")
    #expect(second.code == 0)
    let (before, after) = (try JSON(parsing: first.output), try JSON(parsing: second.output))
    let stages = [before, after].map { $0["stages"]?.array?.first }
    #expect(stages[0]?["action"]?.string == "ran")
    #expect(stages[1]?["action"]?.string == "reused")
    #expect(stages[0]?["digest"] == stages[1]?["digest"])
    #expect(folder.holds("workspace/latest/tiny/sft/model.safetensors"))

    try checkArtifacts()
    let table = try run()
    #expect(table.output.contains("reused"))
    #expect(table.output.contains("./workspace/latest/tiny/sft"))
    let changed = try run("--set", "stages.sft.with.learning_rate=0.1", "--dry-run")
    #expect(changed.output.contains("learning_rate"))
  }

  private func checkArtifacts() throws {
    func artifacts(_ words: String...) throws -> Executable.Outcome {
      let outcome = try Executable.run(["artifacts"] + words, in: folder.path)
      #expect(outcome.code == 0, "\(words): \(outcome.complaint)")
      return outcome
    }
    #expect(try artifacts("list").output.contains("tiny"))
    #expect(try artifacts("path", "sft").output == "./workspace/latest/tiny/sft\n")
    #expect(try artifacts("show", "sft").output.contains("learning_rate"))
    #expect(try artifacts("verify").output.contains("all sound"))
    #expect(try artifacts("why", "sft").output.contains("nothing changed"))
    #expect(try artifacts("lineage", "sft").output.contains("data.jsonl"))
    #expect(try artifacts("gc", "--dry-run").output == "0 bytes would be freed\n")
    let why = try artifacts("why", "sft", "--set", "stages.sft.with.max_steps=3")
    #expect(why.output.contains("max_steps: 2 → 3"))
    let unknown = try Executable.run("artifacts", "show", "stf", in: folder.path)
    #expect(unknown.code == 66)
    #expect(unknown.complaint.contains("did you mean `sft`?"))
  }

  @Test func aFailureSaysHowToGoOn() throws {
    try Recipes.data(folder)
    _ = try folder.write(#"{"messages": [{"role": "robot", "content": "?"}]}"# + "\n", "data.jsonl")
    _ = try folder.write(Recipes.training, "recipe.yaml")
    let outcome = try run()
    #expect(outcome.code == 65, "\(outcome.complaint)")
    #expect(outcome.complaint.contains("data.jsonl"))
    #expect(outcome.complaint.contains("row 1"))
    #expect(outcome.complaint.contains("go on with: "))
    #expect(!folder.holds("workspace/latest/tiny/sft"))
  }

  /// It stands beside the logs and in no result: the stage has the digest that it has without.
  @Test func aProfileTellsWhatTheTimeWentInto() throws {
    try Recipes.data(folder)
    _ = try folder.write(Recipes.training, "recipe.yaml")
    let profiled = try run("--profile", "--json")
    #expect(profiled.code == 0, "\(profiled.complaint)")
    #expect(profiled.complaint.contains("GFLOP/s"))
    let document = try JSON(parsing: profiled.output)
    let logs = try #require(document["logs"]?.string)
    let path = logs.hasPrefix("/") ? logs : folder.file(logs)
    let profile = try JSON(parsing: String(contentsOfFile: path + "/profile.json", encoding: .utf8))
    let activities = try #require(profile["sft"]?["activities"]?.array)
    let paths = activities.map { ($0["path"]?.array ?? []).compactMap(\.string) }
    for wanted in [
      ["data"], ["step", "product x·Wᵀ"], ["step", "attention, backward"], ["step", "optimizer"],
      ["writing"],
    ] { #expect(paths.contains(wanted), "\(wanted)") }
    let seconds = activities.reduce(0) { $0 + ($1["seconds"]?.double ?? 0) }
    #expect(seconds > 0 && seconds <= (profile["sft"]?["seconds"]?.double ?? 0))
    #expect(document["stages"]?.array?.first?["peak_memory"]?.int ?? 0 > 1 << 20)

    let plain = try run("--workspace", "other", "--json")
    let stages = try JSON(parsing: plain.output)["stages"]?.array
    #expect(stages?.first?["digest"] == document["stages"]?.array?.first?["digest"])
    #expect(!plain.complaint.contains("GFLOP/s"))
  }

  /// The plan refuses what would not fit, and says what would; nothing has run.
  @Test func aMemoryLimitIsPlannedBeforeAnythingRuns() throws {
    try Recipes.data(folder)
    _ = try folder.write(Recipes.training, "recipe.yaml")
    func plan(_ limit: String) throws -> Executable.Outcome {
      try run("--dry-run", "--json", "--set", "stages.sft.with.memory_limit=\(limit)")
    }
    let enough = try plan("1GiB")
    let stage = try JSON(parsing: enough.output)["stages"]?.array?.first
    let needed = try #require(stage?["memory_per_rank"]?.int)
    #expect(needed < 1 << 30 && stage?["recomputed_layers"] == 0)
    let tight = try plan("\(needed - 1)")
    #expect(try JSON(parsing: tight.output)["stages"]?.array?.first?["recomputed_layers"] != 0)
    let short = try plan("1MiB")
    #expect(short.code == 65)
    #expect(short.complaint.contains("stage `sft`: memory_limit is 1MiB"))
    let wrong = try plan("4G")
    #expect(wrong.code == 65)
    #expect(
      wrong.complaint.contains("`memory_limit` wants a size such as 4GiB"), "\(wrong.complaint)")
  }
}
