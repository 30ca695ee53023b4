import JSON
import Testing

/// What a stage learns from, shown before it does; and gates, which end a run.
@Suite struct ShowBatchTests {
  private let folder = TemporaryFolder()

  private func show(_ words: String...) throws -> Executable.Outcome {
    try Executable.run(["show-batch", "recipe.yaml"] + words, in: folder.path)
  }

  @Test func learntTokensStandBetweenMarks() throws {
    try Recipes.data(folder)
    _ = try folder.write(Recipes.training, "recipe.yaml")
    let shown = try show("sft", "--rows", "1")
    #expect(shown.code == 0, "\(shown.complaint)")
    #expect(shown.output.hasPrefix("step 1 (2 in an epoch): 2 examples, "))
    // No terminal, so no colours.
    #expect(!shown.output.contains("\u{1B}"))
    let learnt = shown.output.split(separator: "⟦").dropFirst().map { $0.prefix { $0 != "⟧" } }
    #expect(learnt.count == 1)
    #expect(["4<|im_end|>", "5<|im_end|>", "6<|im_end|>"].contains(String(learnt.first ?? "")))
    #expect(shown.complaint.contains("and 1 example more: --rows 2"))

    let lines = try show("sft", "--json").output.split(separator: "\n")
    #expect(lines.count == 2)
    let json = try JSON(parsing: String(try #require(lines.first)))
    let marks = json["learnt"]?.array?.compactMap(\.bool) ?? []
    #expect(marks.count == json["ids"]?.array?.count)
    #expect(marks.count { $0 } == 2)
    #expect(!folder.holds("workspace/work/show-batch"))
  }

  @Test func whatAStageWouldRefuseIsRefusedHere() throws {
    try Recipes.data(folder)
    _ = try folder.write(Recipes.training, "recipe.yaml")
    let long = try show("sft", "--set", "stages.sft.with.max_length=4")
    #expect(long.code == 65)
    #expect(long.complaint.contains("row 1: the prompt has 12 tokens"))
    let unknown = try show("stf")
    #expect(unknown.code == 64)
    #expect(unknown.complaint.contains("did you mean `sft`?"))
  }

  /// The run ends at the gate with 76, keeps the stage, and goes on once the gate is open.
  @Test func aGateEndsARunAndKeepsWhatWasMade() throws {
    try Recipes.data(folder)
    _ = try folder.write(
      Recipes.training + "    gate: {metric: loss, max: 0.001}\n", "recipe.yaml")
    let closed = try Executable.run(["run", "recipe.yaml"], in: folder.path)
    #expect(closed.code == 76)
    #expect(closed.complaint.contains("gate of stage `sft`: loss is "))
    #expect(closed.complaint.contains("what the stage made is kept"))
    let open = try Executable.run(
      ["run", "recipe.yaml", "--json", "--set", "stages.sft.gate.max=100"], in: folder.path)
    #expect(open.code == 0, "\(open.complaint)")
    #expect(open.output.contains("\"reused\""))
  }

  /// Data that the recipe does not want is not learnt from; an alarm ends training at its step.
  @Test func alarmsAndGatesOfTheDataEndTraining() throws {
    try Recipes.data(folder)
    _ = try folder.write(
      Recipes.training + "    gate: {metric: data/rows, min: 4}\n", "recipe.yaml")
    let few = try Executable.run(["run", "recipe.yaml"], in: folder.path)
    #expect(few.code == 76)
    #expect(few.complaint.contains("data/rows is 3, where at least 4 is wanted"))
    #expect(!folder.holds("workspace/latest/tiny/sft"))
    _ = try folder.write(
      Recipes.training + "    alarm: {loss: {max: 0.001, action: stop}}\n", "recipe.yaml")
    for _ in 0..<2 {
      let loud = try Executable.run(["run", "recipe.yaml"], in: folder.path)
      #expect(loud.code == 76)
      #expect(loud.complaint.contains("alarm of stage `sft` at step 1: loss is "))
    }
    let wrong = try Executable.run(
      ["run", "recipe.yaml", "--set", "stages.sft.alarm={los: {max: 1}}"], in: folder.path)
    #expect(wrong.code == 65)
    #expect(wrong.complaint.contains("did you mean `loss`?"))
  }
}
