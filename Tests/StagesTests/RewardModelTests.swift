import Artifacts
import Checkpoints
import Datasets
import JSON
import Kernels
import OrderedCollections
import Pipeline
import Rewards
import Testing
import Transformers

@testable import Stages

private let rows = """
  {"prompt": "a", "chosen": "bcd", "rejected": "c"}
  {"prompt": "d", "chosen": "e", "rejected": "fg"}
  {"prompt": "hh", "chosen": "ii", "rejected": "j"}

  """

@Suite struct RewardModelTests {
  /// Leads 2, −1, 0 and 1: 2.5 of 4 right.
  ///
  /// Of the three with unequal lengths the longer scores higher once, and ties once.
  @Test func judgementsAreMeasuredByHand() {
    let quality = RewardQuality(judgements: [
      .init(chosen: 3, rejected: 1, chosenLength: 9, rejectedLength: 4),
      .init(chosen: 0, rejected: 1, chosenLength: 7, rejectedLength: 5),
      .init(chosen: 2, rejected: 2, chosenLength: 3, rejectedLength: 6),
      .init(chosen: 1, rejected: 0, chosenLength: 2, rejectedLength: 2),
    ])
    #expect(quality.accuracy.mean == 0.625)
    #expect(quality.accuracy.low < 0.3 && quality.accuracy.high > 0.85)
    #expect(quality.longer?.scored == 0.5)
    #expect(abs((quality.longer?.chosen ?? 0) - 2.0 / 3) < 1e-15)
    // σ(2) = 0.8808 and right; σ(1) = 0.7311 in one bin, once right and once wrong; ½ and half right.
    let expected = ((1 - 0.880797078) + abs(2 * 0.731058579 - 1)) / 4
    #expect(abs(quality.calibrationError - expected) < 1e-9)
    // Scores 3 1 0 1 2 2 1 0 against lengths 9 4 7 5 3 6 2 2: 8.5 / √(7.5 · 43.5).
    #expect(abs((quality.lengthCorrelation ?? 0) - 8.5 / (7.5 * 43.5).squareRoot()) < 1e-12)
    #expect(quality.summary.count == 9)
    #expect(RewardQuality(judgements: []).lengthCorrelation == nil)
  }

  /// Scores 1, 2, 3, 4: mean 2.5, deviation √(5/3).
  @Test func normalizationIsByMeanAndDeviation() throws {
    let normal = RewardNormalization(of: [1, 2, 3, 4])
    #expect(normal.mean == 2.5)
    #expect(abs(normal.deviation - (5.0 / 3).squareRoot()) < 1e-15)
    #expect(RewardNormalization(.object(normal.entries)) == normal)
    #expect(normal(2.5) == 0)
    #expect(RewardNormalization(of: [7, 7]).deviation == 1)
    #expect(RewardNormalization(["mean": 1]) == nil)
    #expect(RewardNormalization(["mean": 1, "std": 0]) == nil)
  }

  private func train(
    _ toys: ToyModels, _ model: String, name: String, isNormalized: Bool = false, steps: Int = 4
  ) throws -> (output: String, figures: OrderedDictionary<String, Double>) {
    let data = try toys.write(rows, "pairs.jsonl")
    var settings = RewardModelStage.Settings()
    settings.maxSteps = steps
    settings.maxLength = 64
    settings.learningRate = 1e-2
    settings.normalizeReward = isNormalized
    let (output, events) = try toys.run(
      RewardModelStage.self, settings, name: name,
      inputs: ["model": [model], "data": [data], "eval_data": [data]])
    return (output, events.figures)
  }

  /// The second run's first accuracy is the first one's last, and its loss goes on from there.
  @Test func aRewardModelGoesOnFromItsHead() throws {
    let toys = try ToyModels()
    let first = try train(toys, toys.model("base", seed: 1), name: "first")
    let second = try train(toys, first.output, name: "second", steps: 1)
    #expect(first.figures["eval_accuracy/first"] == 0.5)
    #expect(second.figures["eval_accuracy/first"] == first.figures["eval_accuracy"])
    #expect((second.figures["loss"] ?? 1) < 0.69)
    for name in ["eval_accuracy/low", "eval_calibration_error", "eval_longer_wins"] {
      #expect(first.figures[name] != nil, "\(name)")
    }
  }

  /// Normalised where the model says how: mean 0 and deviation 1 over the very pairs; else refused.
  @Test func scoresAreNormalizedWhereItIsAskedFor() throws {
    let toys = try ToyModels()
    let model = try train(
      toys, toys.model("base", seed: 1), name: "normal", isNormalized: true
    ).output
    let configuration = try JSON(parsing: Files.read("\(model)/config.json"))
    #expect(configuration["normalize_reward"] == true)
    let session = try session(toys)
    func scores(_ path: String, _ isNormalized: Bool) throws -> [Double] {
      try RewardModelScorer(path: path, session, isNormalized: isNormalized).scores(
        of: [("a", "bcd"), ("a", "c"), ("d", "e"), ("d", "fg"), ("hh", "ii"), ("hh", "j")].map {
          (.text($0.0), $0.1)
        })
    }
    let normal = try scores(model, true)
    #expect(abs(normal.reduce(0, +)) < 1e-9)
    #expect(abs(normal.reduce(0) { $0 + $1 * $1 } / 5 - 1) < 1e-9)
    #expect(try scores(model, false) != normal)
    // Trained on without the setting, it says nothing of its scores any more.
    let plain = try train(toys, model, name: "plain").output
    let error = #expect(throws: BadInput.self) { try scores(plain, true) }
    #expect(error?.message.contains("no `mean` and `std`") == true)
  }

  /// A score alone is the score in company, in any order, to the last bit.
  @Test func aScoreDoesNotDependOnItsCompany() throws {
    let toys = try ToyModels()
    let directory = try ModelDirectory(path: try toys.model("rm", seed: 3, head: .score))
    let network = try directory.load(compute: Compute())
    let sequences: [[Int32]] = (1..<12).map { length in
      (0..<Int32(length * 3)).map { ($0 * 7 + Int32(length)) % 90 }
    }
    let alone = sequences.map { network.scores(of: [$0]).values[0] }
    #expect(network.scores(of: sequences).values == alone)
    #expect(network.scores(of: sequences.reversed()).values == alone.reversed())
    #expect(Set(alone).count == alone.count)
    let session = try session(toys)
    for budget in [32, 100, 4096] {
      let scores = try SequenceScores(session: session, tokenBudget: budget).values(
        of: sequences, under: network)
      #expect(scores == alone.map(Double.init))
    }
  }

  /// 360Zhinao's reranker: the class of the language model, and a head called `linear` beside its own.
  @Test(arguments: ["linear.weight", "model.linear.weight"])
  func aRerankersHeadIsARewardModels(name: String) throws {
    let toys = try ToyModels()
    var json = try #require(ToyModels.files(0.5).first { $0.0 == "config.json" }?.1)
    json["model_type"] = "zhinao"
    for (file, content) in ToyModels.files(0.5) {
      let content = file == "config.json" ? json : content
      for folder in ["language", "reranker"] {
        try toys.write(content.serialized(), "\(folder)/\(file)")
      }
    }
    let directory = try ModelDirectory(path: "\(toys.path)/language")
    let network = try directory.load(head: .score, compute: Compute(), initializationSeed: 4)
    try network.save(to: "\(toys.path)/language", as: directory.architecture)
    let source = try ModelDirectory(path: "\(toys.path)/language").weights()
    func renamed(_ tensor: TensorInformation) -> TensorInformation {
      var tensor = tensor
      if tensor.name == "score.weight" { tensor.name = name }
      return tensor
    }
    let head = TensorInformation(
      name: "lm_head.weight", elementType: .float32,
      shape: [network.shape.vocabularySize, network.shape.hiddenSize])
    let writer = try SafetensorsWriter(
      folder: "\(toys.path)/reranker", tensors: source.tensors.map(renamed) + [head])
    for tensor in source.tensors {
      let values = try source.floats(tensor.name)
      try writer.write(renamed(tensor).name, values.span)
    }
    let unused = [Float](repeating: 0.5, count: head.elementCount)
    try writer.write(head.name, unused.span)
    try writer.finish()

    let reranker = try ModelDirectory(path: "\(toys.path)/reranker")
    #expect(reranker.isRewardModel)
    #expect(!directory.isRewardModel)
    let loaded = try reranker.load(compute: Compute())
    #expect(loaded.head == .score)
    let sequences: [[Int32]] = [[1, 2, 3], [4, 5]]
    #expect(loaded.scores(of: sequences).values == network.scores(of: sequences).values)
    #expect(loaded.scores(of: sequences).values[0] != 0)
    // As a language model its head is left alone.
    #expect(try reranker.load(head: .language, compute: Compute()).head == .language)
  }

  private func session(_ toys: ToyModels) throws -> TrainingSession {
    let order = WorkOrder(
      kind: "score", stage: "s", settings: [:], inputs: [:], outputs: [:], work: toys.path, seed: 1)
    return try TrainingSession(StageContext(order: order, shouldStop: { false }) { _ in })
  }
}
