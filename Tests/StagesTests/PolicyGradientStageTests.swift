import Artifacts
import Datasets
import JSON
import Objectives
import OrderedCollections
import Pipeline
import Testing
import Transformers

@testable import Stages

@Suite struct PolicyGradientStageTests {
  /// Pays for the share of a completion that is the letter a, which random completions have now and then.
  private static let script =
    #"while read -r l; do c=${l#*\"completion\":\"}; c=${c%%\"*}; a=$(printf %s "$c" | tr -cd a-m); echo "{\"reward\": ${#a}}"; done"#

  private static func settings(
    _ change: (inout PolicyGradientStage.Settings) -> Void = { _ in }
  ) -> PolicyGradientStage.Settings {
    var settings = PolicyGradientStage.Settings()
    settings.base.learningRate = 1e-3
    settings.base.batchSize = 2
    settings.base.maxSteps = 4
    settings.base.saveSteps = 1
    settings.own.sampling.numGenerations = 3
    settings.own.sampling.maxCompletionLength = 10
    var program = RewardSettings(kind: .program)
    program.command = ["bash", "-c", script]
    settings.own.learning.rewards = [program]
    change(&settings)
    return settings
  }

  private struct World {
    let toys: ToyModels
    let model: String
    let data: String

    init() throws {
      toys = try ToyModels()
      model = try toys.model("model", seed: 1)
      data = try toys.write(
        (0..<6).map { "{\"question\": \"\($0)+1?\", \"answer\": \"\($0 + 1)\"}" }
          .joined(separator: "\n"), "data.jsonl")
    }

    func train(
      _ settings: PolicyGradientStage.Settings, _ name: String = "stage", rollouts: String? = nil,
      told: Told = Told(), shouldStop: @escaping @Sendable () -> Bool = { false }
    ) throws -> String {
      try toys.run(
        PolicyGradientStage.self, settings, name: name,
        inputs: rollouts.map { ["model": [model], "rollouts": [$0]] }
          ?? ["model": [model], "data": [data]],
        told: told, shouldStop: shouldStop
      ).output
    }

    /// The bytes of the weights and of the rollouts.
    func made(_ output: String) throws -> [[UInt8]] {
      try [
        Files.read("\(output)/model.safetensors"),
        Files.read("\(output).rollouts/\(RolloutArchive.fileName)"),
      ]
    }

    func rollouts(_ output: String) throws -> [JSON] {
      let bytes = try Gzip.decompressed(
        Files.read("\(output).rollouts/\(RolloutArchive.fileName)"), limit: 1 << 24)
      return try bytes.split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: $0) }
    }
  }

  private func steps(_ told: Told) -> [(step: Int, metrics: [String: Double])] {
    told.all.compactMap { event in
      guard case .step(let step, _, let metrics) = event else { return nil }
      return (step, Dictionary(uniqueKeysWithValues: metrics.map { ($0.key, $0.value) }))
    }
  }

  /// Going back through the pass that sampled, and computing everything again: one set of bytes.
  @Test(arguments: [nil, LowRankSettings()])
  func whatSamplingLeavesIsThePassOfTheStep(lora: LowRankSettings?) throws {
    let (world, other) = (try World(), try World())
    let settings = Self.settings { $0.base.lora = lora }
    let again = Self.settings {
      $0.base.lora = lora
      $0.base.gradientCheckpointing = true
    }
    let shape = try ModelInput(path: world.model).directory.shape
    func recorded(_ settings: PolicyGradientStage.Settings) -> Int? {
      TrainingDemand(settings, shape, longestPrompt: 8, ranks: 1).sampling?.recordedRows
    }
    #expect(recorded(settings) == 2 * (8 + 3 * 10) && recorded(again) == nil)
    #expect(try world.made(world.train(settings)) == other.made(other.train(again)))
  }

  /// A line for each prompt of each step; an advantage is the distance from the mean over the deviation.
  @Test(arguments: [1, 0.6])
  func whatWasSampledAndWhatItEarnedIsKept(temperature: Double) throws {
    let world = try World()
    let told = Told()
    let output = try world.train(
      Self.settings { $0.own.sampling.temperature = temperature }, told: told)
    let lines = try world.rollouts(output)
    #expect(lines.count == 8)
    var learnt = 0
    for line in lines {
      let scores = try #require(line["scores"]?.array).compactMap(\.double)
      let advantages = try #require(line["advantages"]?.array).compactMap(\.double)
      #expect(advantages == groupAdvantages(rewards: [scores])[0])
      #expect(line["rewards"]?["program"]?.array?.count == 3)
      learnt += advantages.count { $0 != 0 }
      for answer in try #require(line["completions"]?.array) {
        let text = try #require(answer["text"]?.string)
        #expect(answer["tokens"]?.array?.count == answer["logprobs"]?.array?.count)
        #expect(scores.contains(Double(text.count { ("a"..."m").contains($0) })))
      }
    }
    #expect(learnt > 0)
    let steps = steps(told)
    #expect(steps.map(\.step) == [1, 2, 3, 4])
    // The sampler's kernels and training's agree to a few roundings, at one temperature.
    for step in steps {
      #expect((step.metrics["sampling/sampling_logp_difference/max"] ?? 1) < 1e-4)
      #expect(step.metrics["ratio/max"] == nil)
    }
  }

  /// Two parts of a generation, each twice: four steps learn from one batch of completions, the first at ratios of exactly 1.
  @Test func severalStepsLearnFromOneGeneration() throws {
    let world = try World()
    let told = Told()
    let output = try world.train(
      Self.settings {
        ($0.own.learning.stepsPerGeneration, $0.own.learning.numIterations) = (2, 2)
        $0.base.maxSteps = 6
      }, told: told)
    #expect(try world.rollouts(output).count == 8)
    let steps = steps(told)
    #expect(steps.count == 6)
    for step in [0, 4] {
      #expect(steps[step].metrics["ratio/min"] == 1)
      #expect(steps[step].metrics["ratio/max"] == 1)
    }
    #expect(steps[2].metrics["ratio/max"] ?? 1 > 1)
  }

  /// Stopped behind any step and gone on, within a generation, too: the bytes are those of a run straight through, and no generation
  /// is sampled twice.
  @Test(arguments: [1, 2, 3, 4, 5])
  func interruptedEqualsStraightThrough(stop: Int) throws {
    let world = try World()
    let settings = Self.settings {
      ($0.own.learning.stepsPerGeneration, $0.own.learning.numIterations) = (2, 2)
      ($0.own.learning.dynamicSampling, $0.own.learning.maxNumGenBatches) = (true, 3)
      $0.own.learning.beta = 0.05
      $0.base.maxSteps = 6
    }
    let undisturbed = try World()
    let straight = try undisturbed.made(undisturbed.train(settings))
    let first = Told()
    #expect(throws: Interrupted.self) {
      try world.train(settings, told: first) {
        first.all.contains { if case .step(stop, _, _) = $0 { true } else { false } }
      }
    }
    let second = Told()
    #expect(try world.made(world.train(settings, told: second)) == straight)
    let samples = { (told: Told) in
      told.all.count { if case .sample = $0 { true } else { false } }
    }
    #expect(samples(first) + samples(second) == 2)
    #expect(steps(first).count + steps(second).count == 6)
  }

  /// Held to another model there is a divergence from the first step on; held to the start by name, the run is that without a name.
  @Test func theDivergenceIsFromTheReferenceThatIsNamed() throws {
    func train(beta: Double = 0.1, reference seed: UInt64? = nil) throws -> (
      divergence: Double, weights: [UInt8]
    ) {
      let world = try World()
      let told = Told()
      var inputs: OrderedDictionary = ["model": [world.model], "data": [world.data]]
      inputs["reference"] = try seed.map { [try world.toys.model("reference", seed: $0)] }
      let output = try world.toys.run(
        PolicyGradientStage.self,
        Self.settings { ($0.own.learning.beta, $0.base.maxSteps) = (beta, 2) }, inputs: inputs,
        told: told
      ).output
      return (
        try #require(steps(told).first?.metrics["kl"]),
        try Files.read("\(output)/model.safetensors")
      )
    }
    let (unnamed, named, held) = (try train(), try train(reference: 1), try train(reference: 2))
    #expect(unnamed.divergence == 0)
    let (isTheSame, isAnother) = (
      named.weights == unnamed.weights, held.weights != unnamed.weights
    )
    #expect(isTheSame)
    #expect(held.divergence > 0)
    #expect(isAnother)
    #expect(message { _ = try train(beta: 0, reference: 2) }.contains("never be asked"))
  }

  @Test func theSameRolloutsTeachTheSame() throws {
    let world = try World()
    let output = try world.train(Self.settings { $0.own.learning.numIterations = 2 })
    let rollouts = "\(output).rollouts/\(RolloutArchive.fileName)"
    let copy = world.toys.path + "/given.jsonl.gz"
    try Files.copy(rollouts, to: copy)
    let again = try world.train(
      Self.settings { $0.own.learning.numIterations = 2 }, "again", rollouts: copy)
    #expect(
      try Files.read("\(again)/model.safetensors") == Files.read("\(output)/model.safetensors"))
  }

  /// The toy answers of three prompts are never right: all groups earn the same, the budget is spent, and nothing moves.
  @Test func groupsWithoutSignalAreReplacedWithinABudget() throws {
    let world = try World()
    let told = Told()
    let output = try world.train(
      Self.settings {
        $0.own.learning.rewards = [RewardSettings(kind: .math)]
        ($0.own.learning.dynamicSampling, $0.own.learning.maxNumGenBatches) = (true, 3)
        $0.base.maxSteps = 1
      }, told: told)
    let metrics = try #require(steps(told).first).metrics
    #expect(metrics["dynamic_sampling/drawn"] == 6)
    #expect(metrics["grad_norm"] == 0)
    #expect(metrics["frac_reward_zero_std"] == 1)
    #expect(try world.rollouts(output).count == 2)
  }

  @Test func aRewardModelIsAReward() throws {
    let world = try World()
    let judge = try world.toys.model("judge", seed: 2, head: .score)
    let settings = Self.settings {
      $0.own.learning.rewards = [RewardSettings(kind: .model)]
      $0.base.maxSteps = 1
    }
    let output = try world.toys.run(
      PolicyGradientStage.self, settings,
      inputs: ["model": [world.model], "data": [world.data], "reward": [judge]]
    ).output
    let scores = try world.rollouts(output).flatMap { $0["scores"]?.array ?? [] }
    #expect(scores.count == 6)
    #expect(Set(scores.compactMap(\.double)).count == 6)
    #expect(throws: BadInput.self) { try world.train(settings, "without") }
  }

  private func message(_ body: () throws -> Void) -> String {
    do { try body() } catch { return (error as? BadInput)?.message ?? "another error: \(error)" }
    return "no error"
  }

  @Test func badInputIsNamed() throws {
    let world = try World()
    let nothing = message {
      _ = try world.toys.run(
        PolicyGradientStage.self, Self.settings(), inputs: ["model": [world.model]])
    }
    #expect(nothing.contains("`data`"))
    let broken = try world.toys.write(#"{"prompt": "a", "completions": ["x", "y"]}"#, "r.jsonl")
    let tokenless = message { _ = try world.train(Self.settings(), rollouts: broken) }
    #expect(tokenless.contains("r.jsonl:1: completion 1 has 0 tokens"))
  }

  @Test func contradictionsAreMistakes() {
    let problems = { (change: (inout PolicyGradientStage.Settings) -> Void) in
      PolicyGradientStage.validate(Self.settings(change)).map(\.path)
    }
    #expect(problems { _ in } == [])
    #expect(problems { $0.own.learning.lossType = .cispo } == ["loss_type"])
    #expect(problems { $0.own.learning.lossType = .luspo } == ["loss_type"])
    #expect(problems { $0.own.sampling.numGenerations = 1 } == ["num_generations"])
    #expect(problems { $0.own.sampling.temperature = 0 } == ["temperature"])
    #expect(
      problems {
        ($0.own.learning.multiObjectiveAggregation, $0.own.learning.scaleRewards) = (
          .normalizeThenSum, .batch
        )
      } == ["multi_objective_aggregation"])
  }
}
