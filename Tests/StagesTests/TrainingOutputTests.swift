import Checkpoints
import JSON
import Kernels
import OrderedCollections
import Testing
import Transformers

@testable import Stages

private let pairs = """
  {"prompt": "a", "chosen": "b", "rejected": "c"}
  {"prompt": "d", "chosen": "e", "rejected": "f"}

  """

/// A new head scores everything 0, which ranks half of all pairs right; what follows is a mean.
@Test func aRewardModelTellsFromWhereItCame() throws {
  let toys = try ToyModels()
  let model = try toys.model("base", seed: 1)
  let data = try toys.write(pairs, "pairs.jsonl")
  var settings = RewardModelStage.Settings()
  settings.maxSteps = 3
  settings.maxLength = 64
  let told = try toys.run(
    RewardModelStage.self, settings,
    inputs: ["model": [model], "data": [data], "eval_data": [data]]
  ).events.figures
  #expect(told["eval_accuracy/first"] == 0.5)
  #expect(told["eval_accuracy"] != nil)
  // The loss of equal scores is −log σ(0) = ln 2.
  #expect(abs((told["loss/first"] ?? 0) - 0.693_147_2) < 1e-6)
  #expect((told["loss"] ?? 1) < 0.693)
}

/// The steps of an earlier attempt count as if there had been none before.
@Test func whatAnEarlierAttemptMeasuredIsKept() throws {
  let toys = try ToyModels()
  let model = try toys.model("base", seed: 1)
  let data = try toys.write(#"{"text": "abc"}"# + "\n", "text.jsonl")
  var settings = SupervisedStage.Settings()
  settings.maxSteps = 2
  let line = #"{"step": 1, "metrics": {"loss": 7.5}}"# + "\n" + #"{"step": 2, "met"#
  try toys.write(line, "work/stage/ends.jsonl")
  func figures() throws -> [Double?] {
    let told = try toys.run(
      SupervisedStage.self, settings, inputs: ["model": [model], "data": [data]]
    ).events.figures
    return [told["loss/first"], told["loss"]]
  }
  // From the beginning, the first step is measured again and its figure replaced.
  let whole = try figures()
  #expect(whole[0] != 7.5 && whole[0] != nil && whole[1] != nil)
  // From the checkpoint behind the last step, both come from what was written.
  #expect(try figures() == whole)
}

/// As files: W + s·B·A of the written adapter is the written model, to the last bit.
@Test(arguments: [false, true])
func aFusedAdapterOnDiskIsTheMergedModel(isRankStabilized: Bool) throws {
  let toys = try ToyModels()
  let folder = "\(toys.path)/zhinao"
  for (name, var json) in ToyModels.files(0.5) {
    if name == "config.json" { json["model_type"] = "zhinao" }
    try toys.write(json.serialized(), "zhinao/\(name)")
  }
  let directory = try ModelDirectory(path: folder)
  let lowRank = LowRankConfiguration(rank: 3, alpha: 5, isRankStabilized: isRankStabilized)
  let network = try directory.load(lowRank: lowRank, compute: Compute(), initializationSeed: 1)
  network.initializeAdapter(seed: 2)
  for slot in network.adapter?.slots ?? [] where slot.name.hasSuffix("_B.weight") {
    for place in slot.range { network.adapter?.values[place] = Float(place % 13) / 16 }
  }
  let output = ModelOutput(transformer: network, source: directory)
  for name in ["adapter", "model"] { try toys.write("", "\(name)/.keep") }
  try output.writeAdapter(to: "\(toys.path)/adapter")
  try output.writeModel(to: "\(toys.path)/model")

  let adapter = try AdapterDirectory(path: "\(toys.path)/adapter")
  #expect(adapter.configuration.baseModelNameOrPath == nil)
  #expect(adapter.configuration.rankPattern.map(\.pattern) == ["qkv_proj"])
  #expect(adapter.configuration.rankPattern.map(\.value) == [9])
  let base = try directory.load(compute: Compute(), initializationSeed: 1)
  let stored = directory.architecture.storedTensors(base.shape, head: .language)
  #expect(adapter.modules.count == 5)
  for module in adapter.modules {
    let tensor = try #require(stored.first { $0.name == module.path + ".weight" })
    let (a, b) = try (adapter.tensors.floats(module.aKey), adapter.tensors.floats(module.bKey))
    base.merge(
      down: Matrix(rows: module.rank, columns: module.inputs, values: a),
      up: Matrix(rows: module.outputs, columns: module.rank, values: b),
      scale: Float(try adapter.scale(of: module)), into: tensor)
  }
  let merged = try ModelDirectory(path: "\(toys.path)/model").load(compute: Compute())
  #expect(base.base.values.array() == merged.base.values.array())
}
