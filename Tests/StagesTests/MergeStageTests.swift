import Artifacts
import Checkpoints
import JSON
import Kernels
import Merging
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
  #expect(throws: Never.self) { try LanguageModel(path: output, compute: Compute()).transformer() }
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

/// A table under `with: {config: …}`, in which the inputs have names.
@Test func aConfigurationInTheRecipeIsCarriedOut() throws {
  let toys = try ToyModels()
  let (first, second) = (try toys.model("a", seed: 1), try toys.model("b", seed: 2))
  var settings = MergeSettings()
  settings.names = ["left", "right"]
  settings.config = .table([
    "merge_method": .text("linear"),
    "models": .list([
      .table(["model": .text("left"), "parameters": .table(["weight": .text("0.25")])]),
      .table(["model": .text("right"), "parameters": .table(["weight": .text("0.75")])]),
    ]),
  ])
  #expect(MergeStage.validate(settings).isEmpty)
  let (output, _) = try toys.run(MergeStage.self, settings, inputs: ["models": [first, second]])
  let (a, b) = (try values(first), try values(second))
  for (index, merged) in try values(output).enumerated() {
    #expect(abs(merged - (0.25 * a[index] + 0.75 * b[index])) < 1e-6)
  }
  // The same as a file.
  let file = try toys.write(
    "merge_method: linear\nparameters: {weight: 0.5}\nmodels: [{model: left}, {model: rihgt}]\n",
    "merge.yml")
  var named = MergeSettings()
  named.names = ["left", "right"]
  let error = #expect(throws: BadInput.self) {
    try toys.run(
      MergeStage.self, named, inputs: ["models": [first, second], "config": [file]])
  }
  #expect(error?.message.contains("did you mean `right`") == true)
  settings.weights = [1, 1]
  #expect(MergeStage.validate(settings).map(\.path) == ["config"])
}

@Test func whatIsNotFiniteIsNamed() throws {
  let toys = try ToyModels()
  let model = try toys.model("a", seed: 1)
  let proof = try MergeProof(path: model, compute: Compute(threads: 1))
  #expect(proof.token != nil && proof.tensors > 5)
  let weights = try HuggingFaceDirectory(path: model).weights()
  let tensors = weights.tensors
  var all = try tensors.map { try weights.floats($0.name) }
  all[0][3] = .infinity
  let writer = try SafetensorsWriter(folder: model, tensors: tensors)
  for (tensor, values) in zip(tensors, all) { try writer.write(tensor.name, values.span) }
  try writer.finish()
  let error = #expect(throws: BadInput.self) {
    try MergeProof(path: model, compute: Compute(threads: 1))
  }
  #expect(error?.message.contains("\(tensors[0].name) has inf at 3") == true)
}

/// Of nine points of a grid the one with the least loss on the rows is found, and told with its parents.
@Test func aSearchFindsTheBestOfItsCandidates() throws {
  let toys = try ToyModels()
  let models = [try toys.model("a", seed: 1), try toys.model("b", seed: 2)]
  let rows = try toys.write(
    #"{"text": "abcabc"}"# + "\n" + #"{"text": "bcdbcd"}"# + "\n", "rows.jsonl")
  let others = try toys.write(#"{"text": "abab"}"# + "\n", "others.jsonl")
  var settings = MergeSearchStage.Settings()
  settings.own.mergeMethod = "linear"
  settings.own.strategy = .grid
  settings.own.ranges = ["weight": [0.1, 1]]
  settings.own.parameters = ["normalize": 1]
  settings.own.budget = 9
  settings.own.scores = ["loss"]
  #expect(MergeSearchStage.validate(settings).isEmpty)
  let inputs: OrderedDictionary<String, [String]> = [
    "models": models, "text": [rows], "heldout_text": [others],
  ]
  func run(_ name: String) throws -> (model: String, report: JSON) {
    let (output, report) = ("\(toys.path)/\(name)/model", "\(toys.path)/\(name)/report")
    try Files.makeDirectory(output)
    try Files.makeDirectory(report)
    try Files.makeDirectory("\(toys.path)/\(name)/work")
    let order = WorkOrder(
      kind: "merge-search", stage: "search", settings: [:], inputs: inputs,
      outputs: ["model": output, "report": report], work: "\(toys.path)/\(name)/work", seed: 7)
    try MergeSearchStage.run(
      settings, StageContext(order: order, shouldStop: { false }) { _ in })
    return (output, try JSON(parsing: Files.read("\(report)/report.json")))
  }
  let (model, report) = try run("once")
  let candidates = try #require(report["candidates"]?.array)
  #expect(candidates.count == 9)
  let scores = candidates.compactMap { $0["combined"]?.double }
  #expect(report["winner"]?["combined"]?.double == scores.max())
  #expect(report["heldout"] == true)
  #expect(report["comparison"]?["models"]?.array?.count == 3)
  #expect(throws: Never.self) { try LanguageModel(path: model, compute: Compute()).transformer() }
  let again = try run("again").model
  #expect(try Files.read("\(model)/model.safetensors") == Files.read("\(again)/model.safetensors"))
}

@Test func searchSettingsSayWhatWouldBeRight() {
  var settings = MergeSearchStage.Settings()
  #expect(MergeSearchStage.validate(settings).isEmpty)
  settings.own.search = ["t"]
  settings.own.ranges = ["weight": [2, 1]]
  settings.own.budget = 0
  #expect(MergeSearchStage.validate(settings).map(\.path) == ["search", "ranges.weight", "budget"])
}
