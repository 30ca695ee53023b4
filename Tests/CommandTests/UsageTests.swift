import Testing

/// A wrong command line: 64, and what would be right.
@Suite struct UsageTests {
  @Test(arguments: [("rnu", "run"), ("genrate", "generate"), ("artefacts", "artifacts")])
  func aMistypedCommandIsGuessed(_ typed: String, _ meant: String) throws {
    let outcome = try Executable.run(typed)
    #expect(outcome.code == 64)
    #expect(outcome.complaint.contains("did you mean `\(meant)`?"))
    #expect(outcome.output.isEmpty)
  }

  @Test func aMistypedCommandOfArtifactsIsGuessed() throws {
    let outcome = try Executable.run("artifacts", "lits")
    #expect(outcome.code == 64)
    #expect(outcome.complaint.contains("did you mean `list`?"))
  }

  @Test(arguments: [
    ["run"], ["run", "a.yaml", "--rank", "2"], ["run", "a.yaml", "--ranks", "0"],
    ["generate", "model"], ["generate", "model", "--prompt", "a", "--raw", "b"],
    ["generate", "model", "--prompt", "a", "--top-p", "0"],
    ["generate", "model", "--prompt", "a", "--temperature", "-1"],
    ["merge", "one.yml"], ["merge", "a.yml", "out", "--density", "0.5"],
    ["merge", "--method", "ties", "a", "b"], ["import", "a"], ["score", "model"],
  ])
  func wrongArgumentsAre64(_ arguments: [String]) throws {
    let outcome = try Executable.run(arguments)
    #expect(outcome.code == 64)
    #expect(!outcome.complaint.isEmpty)
    #expect(outcome.output.isEmpty)
  }

  @Test func anUnknownStageIsNamed() throws {
    let folder = TemporaryFolder()
    let recipe = try folder.write(Recipes.training, "recipe.yaml")
    try Recipes.data(folder)
    let outcome = try Executable.run("run", recipe, "--until", "stf", "--dry-run")
    #expect(outcome.code == 64)
    #expect(outcome.complaint.contains("did you mean `sft`?"))
  }
}
