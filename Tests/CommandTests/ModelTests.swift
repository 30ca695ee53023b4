import Foundation
import JSON
import Testing

/// Commands that open a model, on weights that nobody has trained.
@Suite struct ModelTests {
  private let folder = TemporaryFolder()

  @Test func everyCompletionIsALineInTheOrderOfThePrompts() throws {
    let model = try FreshModel.make(in: folder)
    let prompts = try folder.write(
      """
      {"messages": [{"role": "user", "content": "one"}]}
      [{"role": "user", "content": "two, which is longer"}]

      """, "prompts.jsonl")
    let outcome = try Executable.run(
      "generate", model, "--messages", prompts, "--max-new-tokens", "5", "--n", "2", "--json")
    #expect(outcome.code == 0)
    let lines = try outcome.lines.map { try JSON(parsing: $0) }
    #expect(lines.count == 4)
    for (index, line) in lines.enumerated() {
      let content = line["prompt"]?.array?.first?["content"]?.string
      #expect(content == (index < 2 ? "one" : "two, which is longer"))
      let tokens = try #require(line["tokens"]?.array)
      #expect((1...5).contains(tokens.count))
      #expect(line["logprobs"]?.array?.count == tokens.count)
      #expect(line["completion"]?.string != nil)
      #expect(["stop", "length"].contains(line["finish_reason"]?.string))
    }
    #expect(lines[0]["tokens"] != lines[1]["tokens"])
  }

  @Test func theLikeliestTokensAreTheSameWhateverTheSeed() throws {
    let model = try FreshModel.make(in: folder)
    let outputs = try ["1", "2"].map { seed in
      try Executable.run(
        "generate", model, "--prompt", "hello", "--temperature", "0", "--seed", seed,
        "--max-new-tokens", "8", "--json"
      ).output
    }
    #expect(outputs[0] == outputs[1])
    #expect(!outputs[0].isEmpty)
  }

  /// The stage `sample` with the same format or precision as the command: the same tokens, with the same log-probabilities.
  @Test(arguments: [("weights: int8", ["--weights", "int8"]), ("bf16: true", ["--bf16"])])
  func aRecipesSampleAnswersAsGenerateDoes(setting: String, words: [String]) throws {
    _ = try FreshModel.make(in: folder, "model")
    _ = try folder.write(#"{"question": "hello", "answer": "?"}"#, "data.jsonl")
    _ = try folder.write(
      """
      name: answers
      stages:
        drawn:
          kind: sample
          inputs: {model: model, data: data.jsonl}
          with: {\(setting), temperature: 0, num_generations: 1, max_completion_length: 8}
      """, "recipe.yaml")
    let run = try Executable.run("run", "recipe.yaml", in: folder.path)
    #expect(run.code == 0, "\(run.complaint)")
    let row = try JSON(
      parsing: folder.text("workspace/latest/answers/drawn/completions.jsonl").split(
        separator: "\n"
      ).map(String.init).first ?? "")
    let drawn = try #require(row["completions"]?.array?.first)
    let line = try JSON(
      parsing: Executable.run(
        ["generate", "model", "--prompt", "hello", "--temperature", "0"] + words
          + ["--max-new-tokens", "8", "--json"], in: folder.path
      ).lines.first ?? "")
    #expect(drawn["tokens"] == line["tokens"])
    let values = [drawn, line].map {
      ($0["logprobs"]?.array ?? []).compactMap(\.double).map(Float.init)
    }
    #expect(values[0] == values[1] && !values[0].isEmpty)
  }

  @Test func scoringGivesBackWhatSamplingSaid() throws {
    let model = try FreshModel.make(in: folder)
    let rows = try folder.write(Recipes.rows, "rows.jsonl")
    let outcome = try Executable.run("score", model, rows, "--json")
    #expect(outcome.code == 0)
    let lines = try outcome.lines.map { try JSON(parsing: $0) }
    #expect(lines.map { $0["row"]?.int } == [1, 2, 3])
    for line in lines {
      #expect((line["logprob"]?.double ?? 1) < 0)
      #expect((line["tokens"]?.int ?? 0) > 1)
      #expect(line["reward"]?.isNull == true)
    }
  }

  @Test func bothCompletionsOfAPairAreScored() throws {
    let model = try FreshModel.make(in: folder)
    let rows = try folder.write(
      #"{"prompt": "2+2=", "chosen": "4", "rejected": "5"}"# + "\n", "pairs.jsonl")
    let outcome = try Executable.run("score", model, rows, "--json")
    let lines = try outcome.lines.map { try JSON(parsing: $0) }
    #expect(lines.map { $0["completion"]?.string } == ["chosen", "rejected"])
  }

  /// From beneath `latest`, whatever the adapter's own files say; elsewhere it has to be said.
  @Test func anAdaptersBaseIsFoundWhereItWasMade() throws {
    _ = try FreshModel.make(in: folder, "model")
    _ = try folder.write(Recipes.rows, "data.jsonl")
    _ = try folder.write(
      """
      name: low
      stages:
        first:
          kind: sft
          inputs: {model: model, data: data.jsonl}
          with: {max_steps: 1, batch_size: 2, lora: {r: 2}, merge_adapter: false}
        second:
          kind: sft
          inputs: {model: model, data: data.jsonl}
          with: {max_steps: 1, batch_size: 2}
        third:
          kind: sft
          inputs: {model: $second, data: data.jsonl}
          with: {max_steps: 1, batch_size: 2, lora: {r: 2}, merge_adapter: false}

      """, "recipe.yaml")
    let run = try Executable.run("run", "recipe.yaml", in: folder.path)
    #expect(run.code == 0, "\(run.complaint)")
    func generate(_ model: String, _ options: String...) throws -> Executable.Outcome {
      try Executable.run(
        ["generate", model, "--prompt", "a", "--max-new-tokens", "2"] + options, in: folder.path)
    }
    for stage in ["first", "third"] {
      let path = "workspace/latest/low/\(stage)"
      let json = try JSON(parsing: folder.text("\(path)/adapter_config.json"))
      #expect(json["base_model_name_or_path"]?.isNull == true)
      let outcome = try generate(path)
      #expect(outcome.code == 0, "\(outcome.complaint)")
    }
    try FileManager.default.copyItem(
      atPath: folder.file("workspace/latest/low/third"), toPath: folder.file("moved"))
    let lost = try generate("moved")
    #expect(lost.code == 65)
    #expect(lost.complaint.contains("--base MODEL"))
    #expect(try generate("moved", "--base", "workspace/latest/low/second").code == 0)
    #expect(try generate("model", "--base", "model").code == 64)
  }

  @Test func aModelIsHalvedByItsType() throws {
    let model = try FreshModel.make(in: folder)
    let out = folder.file("half")
    #expect(try Executable.run("import", model, out, "--dtype", "bfloat16").code == 0)
    let before = try size("fresh/model.safetensors")
    let after = try size("half/model.safetensors")
    #expect(abs(Double(before) / Double(after) - 2) < 0.01)
    #expect(folder.holds("half/tokenizer.json"))
    let again = try Executable.run("generate", out, "--prompt", "a", "--max-new-tokens", "2")
    #expect(again.code == 0)
  }

  @Test func importingOverSomethingIsRefused() throws {
    let model = try FreshModel.make(in: folder)
    _ = try folder.write("mine", "out/notes.txt")
    let outcome = try Executable.run("import", model, folder.file("out"))
    #expect(outcome.code == 64)
    #expect(try folder.text("out/notes.txt") == "mine")
  }

  @Test func mergingAModelWithItselfGivesItBack() throws {
    let model = try FreshModel.make(in: folder)
    let out = folder.file("merged")
    let outcome = try Executable.run(
      "merge", "--method", "linear", "--output", out, "\(model):0.25", "\(model):0.75")
    #expect(outcome.code == 0, "\(outcome.complaint)")
    #expect(try bytes("fresh/model.safetensors") == bytes("merged/model.safetensors"))
  }

  private func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: folder.file(name)))
  }

  private func size(_ name: String) throws -> Int { try bytes(name).count }
}
