import Objectives
import Training
import Transformers

/// Steps of supervised fine-tuning of all weights.
struct SupervisedWork: Workload {
  enum Batches {
    /// Random tokens, all sequences of one length.
    case made
    /// Rows of a file, one behind the other.
    case rows
  }

  private let options: WorkOptions
  private let learner: Learner
  private let tokens: MadeTokens
  private let rows: [TokenRow]

  init(_ options: WorkOptions, batches: Batches) throws {
    self.options = options
    learner = try Learner(options, adapter: false)
    tokens = MadeTokens("sft", vocabulary: learner.transformer.shape.vocabularySize)
    switch batches {
    case .made: rows = []
    case .rows: rows = try TokenRow.read(options.rows)
    }
  }

  mutating func step(_ index: Int) throws -> Int {
    let sequences = (0..<options.batch).map { row in
      rows.isEmpty ? made(row, index) : read(row, index)
    }
    return try learner.step(
      sequences.map { sequence in
        TrainingExample(
          sequences: [sequence],
          facts: SupervisedObjective.Example(
            isLearned: Array(repeating: true, count: sequence.targets.count)))
      }, SupervisedObjective(loss: .likelihood))
  }

  var isFirst: Bool { learner.isFirst }

  func close() throws { try learner.close() }

  private func made(_ row: Int, _ step: Int) -> TargetSequence {
    TargetSequence(
      prompt: [], completion: tokens.row(row, step: step, count: options.answer))
  }

  private func read(_ row: Int, _ step: Int) -> TargetSequence {
    let place = (options.skip + step) * options.batch + row
    return rows[place % rows.count].sequence
  }
}
