import Collectives
import Glibc
import JSON
import Kernels
import Objectives
import Testing
import Training
import Transformers

/// Losses that look at the whole batch before it is learned from.
@Suite struct SurveyTests {
  private let losses = PreferenceLosses.all.map { $0.name }

  private func objective(_ name: String) throws -> PreferenceObjective {
    let settings = PreferenceLossSettings(labelSmoothing: 0.1)
    return PreferenceObjective(try #require(PreferenceLosses.named(name, settings)), beta: 0.5)
  }

  /// Eight pairs, four of each step's batch, with a reference that is another network.
  private func batch(
    _ objective: PreferenceObjective, _ seed: Int
  ) -> [TrainingExample<PreferenceObjective.Example>] {
    let sequences = (Runs.batch(seed) + Runs.batch(seed + 1)).flatMap(\.sequences)
    let reference = Runs.toy()
    reference.initialize(seed: 77)
    let values = reference.logProbabilities(of: sequences).values
    return (0..<8).map { pair in
      TrainingExample(
        sequences: [sequences[pair], sequences[pair + 8]],
        facts: objective.example(reference: [values[pair][...], values[pair + 8][...]]))
    }
  }

  @discardableResult private func step(
    _ trainer: Trainer, _ objective: PreferenceObjective, _ seed: Int,
    _ microBatches: [[Int]] = Runs.pairs
  ) throws -> StepReport {
    try trainer.step(batch(objective, seed), microBatches: microBatches, objective: objective)
  }

  /// Every loss: the same batch in one piece, in four and in eight has the same loss and slopes but for the order of sums.
  ///
  /// In TRL four micro-batches move the weights of `aot` by 2·10⁻⁴ and those of `[sigmoid, sft]` by 4·10⁻³.
  @Test func everyLossIsThatOfTheWholeBatch() throws {
    #expect(losses.count == 19)
    for name in losses {
      let objective = try objective(name)
      var found: [[Float]] = []
      var reports: [StepReport] = []
      for microBatches in [[Array(0..<8)], Runs.pairs, (0..<8).map { [$0] }] {
        let network = Runs.toy()
        let trainer = Runs.trainer(network, rate: 1e-3)
        reports.append(try step(trainer, objective, 1, microBatches))
        found.append(network.trainable.values.array())
      }
      for index in 1..<3 {
        #expect(abs(reports[index].loss / reports[0].loss - 1) < 1e-6, "\(name)")
        #expect(abs(reports[index].gradientNorm / reports[0].gradientNorm - 1) < 1e-5, "\(name)")
        #expect(relativeError(found[index], found[0]) < 1e-5, "\(name)")
      }
    }
  }

  /// Every loss: two steps, a checkpoint, two more; or four without a stop: the same bits.
  @Test func everyLossGoesOnFromItsCheckpoint() throws {
    for name in losses {
      let objective = try objective(name)
      let straight = Runs.toy()
      let trainer = Runs.trainer(straight)
      var losses: [Double] = []
      for seed in 0..<4 { losses.append(try step(trainer, objective, seed).loss) }
      try withTemporaryFolder { folder in
        let store = CheckpointStore(folder: folder)
        let first = Runs.trainer(Runs.toy())
        for seed in 0..<2 { try step(first, objective, seed) }
        try store.save(first)
        let network = Runs.toy()
        let second = Runs.trainer(network)
        #expect(try store.restore(second) != nil)
        #expect(second.objectiveState == first.objectiveState)
        #expect(second.objectiveState.isEmpty == (name != "bco_pair"))
        for seed in 2..<4 { #expect(try step(second, objective, seed).loss == losses[seed]) }
        #expect(network.trainable.values.array() == straight.trainable.values.array(), "\(name)")
      }
    }
  }

  /// What stands beside the weights, such as a moving reference, is in the checkpoint too.
  @Test func aCompanionIsKept() throws {
    try withTemporaryFolder { folder in
      let store = CheckpointStore(folder: folder)
      let first = Runs.trainer(Runs.toy())
      let companion = FloatBuffer(count: first.transformer.trainable.count)
      for index in 0..<companion.count { companion[index] = Float(index % 101) / 7 }
      first.companion = companion
      try Runs.step(first, 0)
      try store.save(first)
      let second = Runs.trainer(Runs.toy())
      let empty = FloatBuffer(count: companion.count)
      second.companion = empty
      #expect(try store.restore(second) != nil)
      #expect(empty.array() == companion.array())
    }
  }

  /// log Σ π² of a uniform distribution over 24 tokens is −log 24, and the weight of any pair 1: π is what it is in the mean.
  @Test func theWeightOfAnUnsurePolicyIsOne() throws {
    let network = Runs.toy()
    let slot = try #require(network.trainable.slot("lm_head.weight"))
    for place in slot.range { network.trainable.values[place] = 0 }
    let pass = network.logProbabilities(
      of: [TargetSequence(tokens: [1, 2, 3], targets: [1, 2])], concentrations: true)
    for value in pass.concentrations[0] { #expect(abs(value + 3.178_053_8) < 1e-6) }
    var objective = try objective("sigmoid")
    objective.isWeighted = true
    let report = try step(Runs.trainer(network), objective, 1)
    #expect(abs((report.metrics["wpo_weight"] ?? 0) - 1) < 1e-6)
  }

  /// Σ π² by hand from every token's log-probability, at two temperatures.
  @Test(arguments: [Float(1), 0.7])
  func theConcentrationIsTheSumOfSquares(temperature: Float) throws {
    let network = Runs.toy()
    let sequence = TargetSequence(tokens: [1, 2, 3, 4], targets: [3])
    let found = network.logProbabilities(
      of: [sequence], temperature: temperature, concentrations: true
    ).concentrations[0][0]
    let sum = (0..<24).reduce(0.0) { sum, token in
      let other = TargetSequence(tokens: [1, 2, 3, Int32(token)], targets: [3])
      let value = network.logProbabilities(of: [other], temperature: temperature).values[0][0]
      return sum + exp(2 * Double(value))
    }
    #expect(abs(Double(found) - log(sum)) < 1e-5)
  }
}
