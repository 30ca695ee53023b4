import Testing

/// What is not there is 66, what is wrong is 65 and located, and nothing is half-written.
@Suite struct BadInputTests {
  @Test(arguments: [
    ["run", "nowhere.yaml"], ["check", "nowhere.yaml"], ["merge", "nowhere.yml", "out"],
    ["generate", "nowhere", "--prompt", "a"], ["score", "nowhere", "rows.jsonl"],
    ["import", "nowhere.gguf", "out"], ["artifacts", "list", "--workspace", "nowhere"],
  ])
  func whatIsNotThereIs66(_ arguments: [String]) throws {
    let folder = TemporaryFolder()
    let outcome = try Executable.run(arguments, in: folder.path)
    #expect(outcome.code == 66)
    #expect(outcome.complaint.contains("nowhere"))
    #expect(outcome.output.isEmpty)
    #expect(folder.names.isEmpty)
  }

  @Test func aModelThatIsNearlyNamedIsGuessed() throws {
    let folder = TemporaryFolder()
    _ = try folder.write("{}", "latest/recipe/merged/config.json")
    let outcome = try Executable.run(
      "generate", folder.file("latest/recipe/mergd"), "--prompt", "a")
    #expect(outcome.code == 66)
    #expect(outcome.complaint.contains("did you mean `merged`?"))
  }

  @Test func everyMistakeOfARecipeIsShownWithItsPlace() throws {
    let folder = TemporaryFolder()
    try Recipes.data(folder)
    let text = Recipes.training
      .replacing("max_steps: 2", with: "max_step: 2").replacing("seed: 7", with: "sed: 7")
    let recipe = try folder.write(text, "recipe.yaml")
    for command in ["check", "run"] {
      let outcome = try Executable.run(command, recipe, in: folder.path)
      #expect(outcome.code == 65)
      #expect(outcome.complaint.contains("recipe.yaml:2:1: error:"))
      #expect(outcome.complaint.contains("did you mean `seed`?"))
      #expect(outcome.complaint.contains("recipe.yaml:7:"))
      #expect(outcome.complaint.contains("did you mean `max_steps`?"))
      #expect(outcome.complaint.contains("2 errors: nothing was run"))
    }
    #expect(!folder.holds("workspace"))
  }

  @Test func anInputThatIsNotThereIsNamedInTheRecipe() throws {
    let folder = TemporaryFolder()
    let recipe = try folder.write(Recipes.training, "recipe.yaml")
    let outcome = try Executable.run("check", recipe)
    #expect(outcome.code == 66)
    #expect(outcome.complaint.contains("recipe.yaml:6:"))
  }

  @Test func aFileThatIsNoGGUFIsRefused() throws {
    let folder = TemporaryFolder()
    let file = try folder.write("not a model at all, whatever its name", "model.gguf")
    let outcome = try Executable.run("import", file, folder.file("out"))
    #expect(outcome.code == 65)
    #expect(outcome.complaint.contains("model.gguf"))
    #expect(folder.names == ["model.gguf"])
  }

  @Test func weightsThatAreCutShortAreRefused() throws {
    let folder = TemporaryFolder()
    let model = try FreshModel.make(in: folder)
    try folder.cut("fresh/model.safetensors", by: 2)
    let outcome = try Executable.run("import", model, folder.file("out"))
    #expect(outcome.code == 65)
    #expect(outcome.complaint.contains("model.safetensors"))
    #expect(folder.names == ["fresh"])
  }

  @Test func aRowThatFitsNoLayoutIsNamed() throws {
    let folder = TemporaryFolder()
    let model = try FreshModel.make(in: folder)
    let rows = try folder.write(Recipes.rows + #"{"colour": "red"}"# + "\n", "rows.jsonl")
    let outcome = try Executable.run("score", model, rows)
    #expect(outcome.code == 65)
    #expect(outcome.complaint.contains("rows.jsonl:4: row 4"))
  }

  @Test func aConversationWithoutMessagesIsNamed() throws {
    let folder = TemporaryFolder()
    let model = try FreshModel.make(in: folder)
    let prompts = try folder.write(#"{"messages": [{"role": "user"}]}"# + "\n", "prompts.jsonl")
    let outcome = try Executable.run("generate", model, "--messages", prompts)
    #expect(outcome.code == 65)
    #expect(outcome.complaint.contains("prompts.jsonl:1: message 1"))
  }

  @Test func aMergeConfigurationIsLocated() throws {
    let folder = TemporaryFolder()
    let text = "merge_method: tise\nmodels:\n  - model: a\n  - model: b\n"
    let file = try folder.write(text, "merge.yml")
    let outcome = try Executable.run("merge", file, folder.file("out"))
    #expect(outcome.code == 65)
    #expect(outcome.complaint.contains("merge.yml:1:"))
    #expect(folder.names == ["merge.yml"])
  }

  @Test func whatAFileSaysCannotMoveTheCursor() throws {
    let folder = TemporaryFolder()
    let recipe = try folder.write("name: x\n\"\u{1B}[31mred\": 1\n", "recipe.yaml")
    let outcome = try Executable.run("check", recipe)
    #expect(outcome.code == 65)
    #expect(!outcome.complaint.contains("\u{1B}"))
  }
}
