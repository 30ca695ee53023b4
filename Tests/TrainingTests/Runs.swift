import Collectives
import Foundation
import JSON
import Kernels
import Objectives
import Training
import Transformers

/// Small training runs.
enum Runs {
  static func toy(_ precision: Precision = .float32) -> Transformer {
    let shape = TransformerShape(
      vocabularySize: 24, hiddenSize: 16, intermediateSize: 24, layerCount: 2, queryHeads: 4,
      keyValueHeads: 2, headDimension: 4, normEpsilon: 1e-5,
      rotary: RotaryConfiguration(base: 100), maximumPosition: 64, tiesEmbeddings: false,
      hasQueryKeyValueBias: true, initializerRange: 0.3)
    let network = Transformer(shape: shape, compute: Compute(precision: precision))
    network.initialize(seed: 3)
    return network
  }

  static func trainer(
    _ network: Transformer, rate: Double = 1e-2, communicator: any Communicator = SingleProcess()
  ) -> Trainer {
    Trainer(
      network, optimizer: OptimizerSettings(learningRate: rate, weightDecay: 0.1),
      schedule: LearningRateSchedule(shape: .cosine, totalSteps: 20), communicator: communicator)
  }

  /// Eight sequences of unlike lengths; what they say changes with `seed`.
  static func batch(_ seed: Int) -> [TrainingExample<SupervisedObjective.Example>] {
    (0..<8).map { row in
      let tokens = (0..<4 + row).map { Int32((seed * 31 + row * 17 + $0 * $0 * 7) % 24) }
      return example(TargetSequence(tokens: tokens, targets: Array(1 + row % 3..<tokens.count)))
    }
  }

  static func example(_ sequence: TargetSequence) -> TrainingExample<SupervisedObjective.Example> {
    TrainingExample(
      sequences: [sequence],
      facts: SupervisedObjective.Example(isLearned: sequence.targets.map { _ in true }))
  }

  static let pairs = [[0, 1], [2, 3], [4, 5], [6, 7]]

  @discardableResult static func step(
    _ trainer: Trainer, _ seed: Int, _ microBatches: [[Int]] = pairs
  ) throws -> StepReport {
    try trainer.step(batch(seed), microBatches: microBatches, objective: SupervisedObjective())
  }
}

func withTemporaryFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("training-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(folder)
}

/// |found − expected| over |expected|, both as vectors.
func relativeError(_ found: [Float], _ expected: [Float]) -> Double {
  var (difference, size) = (0.0, 0.0)
  for (a, b) in zip(found, expected) {
    difference += Double(a - b) * Double(a - b)
    size += Double(b) * Double(b)
  }
  return (difference / max(size, .leastNormalMagnitude)).squareRoot()
}
