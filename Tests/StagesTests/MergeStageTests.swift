import Artifacts
import Checkpoints
import JSON
import Kernels
import OrderedCollections
import Pipeline
import Testing
import Transformers

@testable import Stages

private let tensor = "model.layers.0.mlp.up_proj.weight"

private func values(_ folder: String, _ name: String = tensor) throws -> [Float] {
  try HuggingFaceDirectory(path: folder).weights().floats(name)
}

/// ½ · (a + b), element by element.
@Test func aLinearMergeIsTheMeanOfItsModels() throws {
  let toys = try ToyModels()
  let (first, second) = (try toys.model("a", seed: 1), try toys.model("b", seed: 2))
  let (output, _) = try toys.run(MergeStage.self, inputs: ["models": [first, second]])
  let (a, b) = (try values(first), try values(second))
  let mean = zip(a, b).map { Float((0.5 * Double($0) + 0.5 * Double($1)) / 1) }
  #expect(try values(output) == mean)
  #expect(throws: Never.self) { try LanguageModel(path: output, compute: Compute()) }
}

/// base + ¾ (a − base) + ¼ (b − base).
@Test func aTaskArithmeticMergeAddsWeightedChanges() throws {
  let toys = try ToyModels()
  let folders = try (1...3).map { try toys.model("m\($0)", seed: UInt64($0)) }
  var settings = MergeSettings()
  settings.mergeMethod = "task_arithmetic"
  settings.weights = [0.75, 0.25]
  let (output, _) = try toys.run(
    MergeStage.self, settings, inputs: ["models": [folders[0], folders[1]], "base": [folders[2]]])
  let (a, b, base) = (try values(folders[0]), try values(folders[1]), try values(folders[2]))
  for (index, merged) in try values(output).enumerated() {
    let expected = base[index] + 0.75 * (a[index] - base[index]) + 0.25 * (b[index] - base[index])
    #expect(abs(merged - expected) < 1e-6)
  }
}

@Test func aMergeIsTheSameBytesWhereverItsModelsLie() throws {
  let toys = try ToyModels()
  let (first, second) = (try toys.model("a", seed: 1), try toys.model("b", seed: 2))
  var settings = MergeSettings()
  settings.mergeMethod = "ties"
  settings.density = .many([0.5, 0.75])
  let here = try toys.run(
    MergeStage.self, settings, name: "here",
    inputs: ["models": [first, second], "base": [first]]
  ).output
  try Files.makeDirectory("\(toys.path)/moved")
  try Files.move(first, to: "\(toys.path)/moved/x")
  try Files.move(second, to: "\(toys.path)/moved/y")
  let there = try toys.run(
    MergeStage.self, settings, name: "there",
    inputs: [
      "models": ["\(toys.path)/moved/x", "\(toys.path)/moved/y"], "base": ["\(toys.path)/moved/x"],
    ]
  ).output
  let names = try Files.names(in: here)
  #expect(names.contains("mergekit_config.yml") && names.contains("tokenizer.json"))
  for name in names {
    #expect(try Files.read("\(here)/\(name)") == Files.read("\(there)/\(name)"), "\(name)")
  }
  #expect(try toys.text("\(here)/mergekit_config.yml").contains("density: 0.75"))
}

@Test func theFirstModelIsTheBaseWhereAMethodNeedsOne() throws {
  let toys = try ToyModels()
  let (first, second) = (try toys.model("a", seed: 1), try toys.model("b", seed: 2))
  var settings = MergeSettings()
  settings.mergeMethod = "slerp"
  settings.t = .one(0)
  let (output, _) = try toys.run(MergeStage.self, settings, inputs: ["models": [first, second]])
  let expected = try values(first)
  for (index, merged) in try values(output).enumerated() {
    #expect(abs(merged - expected[index]) < 1e-6)
  }
}

@Test func mergeSettingsSayWhatWouldBeRight() {
  var settings = MergeSettings()
  settings.mergeMethod = "tie"
  #expect(MergeStage.validate(settings).map(\.path) == ["merge_method"])
  #expect(MergeStage.validate(settings).first?.message.contains("did you mean `ties`") == true)
  settings.mergeMethod = "linear"
  settings.lambda = 2
  #expect(MergeStage.validate(settings).map(\.path) == ["lambda"])
  settings.lambda = nil
  settings.mergeMethod = "ties"
  settings.density = .one(1.5)
  #expect(MergeStage.validate(settings).map(\.path) == ["density"])
  settings.density = .one(0.5)
  settings.weights = [0.5, 0.5]
  #expect(MergeStage.validate(settings).isEmpty)
  #expect(MergeStage.validate(MergeSettings()).isEmpty)
}

@Test func aWeightForEachModelIsAskedFor() throws {
  let toys = try ToyModels()
  let model = try toys.model("a", seed: 1)
  var settings = MergeSettings()
  settings.weights = [1, 2, 3]
  let error = #expect(throws: BadInput.self) {
    try toys.run(MergeStage.self, settings, inputs: ["models": [model, model]])
  }
  #expect(error?.message.contains("2 models and 3 weights") == true)
}
