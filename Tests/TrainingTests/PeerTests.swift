import Collectives
import Foundation
import Kernels
import Objectives
import Testing
import Transformers

@testable import Training

/// TRL's own trainers on the same weights and tokens; see Goldens/README.md.
@Suite struct PeerTests {
  private struct Peer: Decodable {
    struct Pair: Decodable {
      var promptIds: [Int32]
      var chosenIds: [Int32]
      var rejectedIds: [Int32]
    }

    struct Sample: Decodable {
      var places: [Int]
      var before: [Double]
      var values: [Double]
    }

    struct Trajectory: Decodable {
      var steps: [[String: Double]]
      var weights: [String: Sample]
    }

    struct First: Decodable {
      var loss: Double
      var norm: Double
    }

    var rate: Double
    var pairs: [Pair]
    var margins: [Double]
    var sft: Trajectory
    var sigmoid: Trajectory
    var ncaPair: Trajectory
    var reward: Trajectory
    var losses: [String: First]
  }

  private let trl: Peer
  private let models: String

  init() throws {
    let url = URL(fileURLWithPath: Bundle.module.bundlePath + "/Goldens/trl.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    trl = try decoder.decode(Peer.self, from: Data(contentsOf: url))
    models = (#filePath as NSString).deletingLastPathComponent + "/../TransformersTests/Goldens"
  }

  private func network(_ name: String, head: Transformer.Head = .language) throws -> Transformer {
    try ModelDirectory(path: "\(models)/\(name)").load(head: head, compute: Compute())
  }

  private var pairs: [[TargetSequence]] {
    trl.pairs.map { pair in
      [pair.chosenIds, pair.rejectedIds].map {
        TargetSequence(prompt: pair.promptIds, completion: $0)
      }
    }
  }

  /// Ten steps over the data in its order, as TRL takes them: losses, norms and weights.
  private func expectTrajectory<Goal: Objective>(
    _ golden: Peer.Trajectory, _ network: Transformer, _ examples: [TrainingExample<Goal.Example>],
    _ objective: Goal
  ) throws {
    #expect(golden.steps.count == 10)
    let trainer = Trainer(
      network, optimizer: OptimizerSettings(learningRate: trl.rate),
      schedule: LearningRateSchedule(shape: .linear, totalSteps: 10),
      communicator: SingleProcess())
    for (index, step) in golden.steps.enumerated() {
      let start = 4 * index % examples.count
      let report = try trainer.step(
        Array(examples[start..<start + 4]), microBatches: [[0, 1], [2, 3]], objective: objective)
      let said = (loss: step["loss"] ?? 0, norm: step["norm"] ?? 0, rate: step["rate"] ?? -1)
      #expect(abs(report.loss / said.loss - 1) < 1e-5, "step \(index)")
      #expect(abs(report.gradientNorm / said.norm - 1) < 1e-4, "step \(index)")
      #expect(abs(report.learningRate - said.rate) < 1e-12)
      for metric in step.keys.sorted() where !["loss", "norm", "rate"].contains(metric) {
        let ours = try #require(report.metrics[metric], "\(metric)")
        #expect(abs(ours - (step[metric] ?? .nan)) < 1e-5 * max(1, abs(ours)), "\(metric)")
      }
    }
    expectWeights(golden, network)
  }

  /// The sampled weights are off by less than 10⁻⁴ of how far those same weights have come.
  private func expectWeights(_ golden: Peer.Trajectory, _ network: Transformer) {
    var (error, update, count) = (0.0, 0.0, 0)
    for slot in network.trainable.slots {
      guard let sample = golden.weights[slot.name] else { continue }
      let weights = network.trainable.values.array(slot.range)
      for (place, (after, before)) in zip(sample.places, zip(sample.values, sample.before)) {
        error += (Double(weights[place]) - after) * (Double(weights[place]) - after)
        update += (after - before) * (after - before)
        count += 1
      }
    }
    #expect(count > 450)
    let relative = (error / update).squareRoot()
    #expect(relative < 1e-4, "\(relative)")
  }

  @Test func tenStepsOfSupervisionAreTRLs() throws {
    let examples = pairs.map { Runs.example($0[0]) }
    try expectTrajectory(trl.sft, network("tiny"), examples, SupervisedObjective())
  }

  @Test(arguments: ["sigmoid", "nca_pair"])
  func tenStepsOfPreferenceAreTRLs(name: String) throws {
    let objective = PreferenceObjective(try #require(PreferenceLosses.named(name)))
    try expectTrajectory(
      name == "sigmoid" ? trl.sigmoid : trl.ncaPair, network("tiny"), preferences(objective),
      objective)
  }

  @Test func tenStepsOfARewardModelAreTRLs() throws {
    let examples = zip(pairs, trl.margins).map {
      TrainingExample(sequences: $0, facts: RewardRankingObjective.Example(margin: $1))
    }
    try expectTrajectory(
      trl.reward, network("tiny_rm", head: .score), examples,
      RewardRankingObjective(centering: 0.01))
  }

  private func preferences(
    _ objective: PreferenceObjective
  ) throws -> [TrainingExample<PreferenceObjective.Example>] {
    let reference = try network("tiny_ref")
    return pairs.map { pair in
      let values = reference.logProbabilities(of: pair).values
      return TrainingExample(
        sequences: pair, facts: objective.example(reference: values.map { $0[...] }))
    }
  }

  /// Through the network, survey and backward pass: the first loss and its gradient's norm, for every loss of TRL's trainer.
  @Test func everyLossThroughTheNetworkIsTRLs() throws {
    #expect(trl.losses.count == 18)
    for (name, expected) in trl.losses.sorted(by: { $0.key < $1.key }) {
      let names = name.split(separator: " ").map(String.init)
      let isSmoothed = ["exo_pair", "robust", "aot", "aot_unpaired"].contains(name)
      let settings = PreferenceLossSettings(labelSmoothing: isSmoothed ? 0.1 : 0)
      var objective = PreferenceObjective(
        try #require(PreferenceLosses.named(names[0], settings)))
      objective.excessWeight = name.hasSuffix("ld_alpha") ? 0.5 : nil
      objective.isWeighted = name.hasSuffix("use_weighting")
      objective.likelihoodWeight = name == "sigmoid sft" ? 0.5 : 0
      // TRL 1.16 has no running mean, which a rate of nothing and a state that outweighs the batch stand in for.
      let trainer = Trainer(
        try network("tiny"), optimizer: OptimizerSettings(learningRate: 0),
        schedule: LearningRateSchedule(shape: .constant, totalSteps: 1),
        communicator: SingleProcess())
      if name == "bco_pair" { trainer.objectiveState = [1e18, 0] }
      let report = try trainer.step(
        Array(try preferences(objective).prefix(4)), microBatches: [[0, 1], [2], [3]],
        objective: objective)
      #expect(abs(report.loss / expected.loss - 1) < 1e-5, "\(name)")
      #expect(abs(report.gradientNorm / expected.norm - 1) < 2e-5, "\(name)")
    }
  }
}
