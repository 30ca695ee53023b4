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
}
