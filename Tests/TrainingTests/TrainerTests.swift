import Collectives
import Kernels
import Objectives
import Testing
import Training
import Transformers

@Suite struct TrainerTests {
  /// One batch of eight, or four of two, or eight of one: the mean is over the whole batch's tokens, so
  /// only the order of sums differs.
  @Test func accumulationChangesNothingButRounding() throws {
    let grouped = [[Array(0..<8)], Runs.pairs, (0..<8).map { [$0] }]
    var reports: [StepReport] = []
    var weights: [[Float]] = []
    for microBatches in grouped {
      let network = Runs.toy()
      let trainer = Runs.trainer(network, rate: 1e-3)
      reports.append(try Runs.step(trainer, 1, microBatches))
      weights.append(network.trainable.values.array())
    }
    for index in 1..<3 {
      #expect(abs(reports[index].loss / reports[0].loss - 1) < 1e-6)
      #expect(abs(reports[index].gradientNorm / reports[0].gradientNorm - 1) < 1e-5)
      #expect(relativeError(weights[index], weights[0]) < 1e-5)
      #expect(reports[index].tokenCount == reports[0].tokenCount)
    }
  }

  @Test func aBatchWithNothingToLearnChangesNothing() throws {
    let network = Runs.toy()
    let before = network.trainable.values.array()
    let trainer = Runs.trainer(network)
    let batch = (0..<2).map { _ in Runs.example(TargetSequence(tokens: [1, 2, 3], targets: [])) }
    #expect(throws: TrainingError.nothingToLearn(step: 0)) {
      try trainer.step(batch, microBatches: [[0, 1]], objective: SupervisedObjective())
    }
    #expect(network.trainable.values.array() == before)
    #expect(trainer.step == 0)
  }

  @Test func theSameRunGivesTheSameBits() throws {
    func run() throws -> [Float] {
      let network = Runs.toy()
      let trainer = Runs.trainer(network)
      for step in 0..<3 { try Runs.step(trainer, step) }
      return network.trainable.values.array()
    }
    #expect(try run() == run())
  }

  @Test func theLossFallsOnWhatIsRepeated() throws {
    let trainer = Runs.trainer(Runs.toy())
    let first = try Runs.step(trainer, 1).loss
    for _ in 0..<10 { try Runs.step(trainer, 1) }
    #expect(try Runs.step(trainer, 1).loss < first / 2)
  }

  /// With a policy that is its own reference every margin is 0 and the loss −log σ(0) = ln 2.
  @Test func aPolicyThatIsItsReferenceStartsAtTheLogarithmOfTwo() throws {
    let network = Runs.toy()
    let sequences = Runs.batch(1).flatMap(\.sequences)
    let sums = network.logProbabilities(of: sequences).values.map { summedLogProbability($0) }
    let batch = (0..<4).map { pair in
      TrainingExample(
        sequences: [sequences[pair], sequences[pair + 4]],
        facts: PreferenceObjective.Example(
          referenceChosen: sums[pair], referenceRejected: sums[pair + 4]))
    }
    let loss = try #require(PreferenceLosses.named("sigmoid"))
    let report = try Runs.trainer(network).step(
      batch, microBatches: [[0, 1], [2, 3]], objective: PreferenceObjective(loss))
    #expect(Float(report.loss) == 0.693_147_180_559_945_3)
  }

  /// A weight of 10³⁰ makes infinite sums of squares; an infinite one makes no number of the loss.
  @Test(arguments: [Float.infinity, .nan])
  func whatIsNotFiniteChangesNoWeight(value: Float) throws {
    let network = Runs.toy()
    let trainer = Runs.trainer(network)
    let slot = try #require(network.trainable.slot("lm_head.weight"))
    network.trainable.values[slot.offset] = value
    let before = network.trainable.values.array()
    let error = #expect(throws: TrainingError.self) { try Runs.step(trainer, 1) }
    #expect("\(error.map(String.init(describing:)) ?? "")".contains("step 0: the loss"))
    #expect(bits(network.trainable.values.array()) == bits(before))
    #expect(trainer.step == 0)
  }

  /// The loss is finite, its slope is not.
  @Test func aGradientThatIsNotFiniteChangesNoWeight() throws {
    let network = Runs.toy()
    let trainer = Runs.trainer(network)
    let before = network.trainable.values.array()
    let error = #expect(throws: TrainingError.self) {
      try trainer.step(Runs.batch(1), microBatches: Runs.pairs, objective: Cliff())
    }
    #expect("\(error.map(String.init(describing:)) ?? "")".contains("the gradient is not finite"))
    #expect(network.trainable.values.array() == before)
    // Nothing of it is left: the next step is the first one's.
    try Runs.step(trainer, 1)
    let other = Runs.toy()
    try Runs.step(Runs.trainer(other), 1)
    #expect(network.trainable.values.array() == other.trainable.values.array())
  }

  /// An adapter's step leaves every weight of the base alone.
  @Test func onlyTheAdapterOfALowRankNetworkMoves() throws {
    let network = Transformer(
      shape: Runs.toy().shape, lowRank: LowRankConfiguration(rank: 2, alpha: 4),
      compute: Compute())
    network.initialize(seed: 3)
    network.initializeAdapter(seed: 4)
    let base = network.base.values.array()
    let adapter = network.trainable.values.array()
    let trainer = Runs.trainer(network)
    for step in 0..<2 { try Runs.step(trainer, step) }
    #expect(network.base.values.array() == base)
    #expect(network.trainable.values.array() != adapter)
  }

  private func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

  /// An objective whose slopes are infinite.
  private struct Cliff: Objective {
    func totals(_ example: SupervisedObjective.Example, lengths: [Int]) -> BatchTotals {
      BatchTotals(examples: 1, sequences: 1, tokens: lengths.reduce(0, +))
    }

    func evaluate(
      _ example: SupervisedObjective.Example, policy: [ArraySlice<Float>], totals: BatchTotals
    ) -> Evaluation {
      Evaluation(
        loss: 1, slopes: policy.map { $0.map { _ in Float.infinity } }, metrics: Metrics())
    }
  }
}
