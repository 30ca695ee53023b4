import Collectives
import Datasets
import Kernels
import Training
import Transformers

/// What the steps of a training ask of memory: of each count the most that any micro-batch has.
struct StepLoad: Equatable {
  /// Rows of the network's matrices: tokens, beginnings that sequences share counted once.
  var rows = 0
  /// Rows that the last block goes on with where log-probabilities are wanted; where scores are, it is one a sequence.
  var read = 0
  var sequences = 0
  /// Tokens whose log-probability is wanted.
  var targets = 0
  /// Positions that attention looks at, each as often as a span sees it; and the same in whole chunks of 64.
  var positions = 0
  var chunkedPositions = 0
  /// Of a step.
  var microBatches = 1
}

extension StepLoad {
  /// Of a micro-batch.
  init(_ sequences: [TargetSequence]) {
    let batch = RaggedBatch(sequences.map(\.tokens), readFrom: sequences.map(\.readFrom))
    rows = batch.rowCount
    read = batch.readCount
    self.sequences = sequences.count
    targets = sequences.reduce(0) { $0 + $1.targets.count }
    positions = batch.spans.reduce(0) { $0 + $1.length }
    chunkedPositions = batch.spans.reduce(0) { $0 + StepLoad.chunked($1.length) }
  }

  /// The most that the settings allow: `sequences` of the greatest length in each example of a full batch.
  init(_ settings: TrainingSettings, sequencesPerExample sequences: Int, positions limit: Int) {
    let length = min(settings.maxLength, limit)
    let example = sequences * length
    let batch = settings.batchSize * example
    rows = max(example, min(settings.microBatchTokens, batch))
    read = rows
    self.sequences = (rows + length - 1) / length
    targets = rows
    positions = rows
    chunkedPositions = self.sequences * StepLoad.chunked(length)
    microBatches = (batch + rows - 1) / rows
  }

  /// The most of some examples, as the training meets them: in its own order, divided into its own micro-batches.
  init(
    _ examples: [[TargetSequence]], _ settings: TrainingSettings, seed: UInt64
  ) {
    guard !examples.isEmpty else { return }
    var sampler = BatchSampler(count: examples.count, batchSize: settings.batchSize, seed: seed)
    for step in 0..<min(settings.totalSteps(count: examples.count), StepLoad.steps) {
      add(step: sampler.indices(step: step).map { examples[$0] }, settings)
    }
  }

  /// Of sequences that are gone through once, so many tokens at a time.
  init(passes sequences: [TargetSequence], tokenBudget: Int) {
    let groups = MicroBatches.compose(
      lengths: sequences.map(\.tokens.count), tokenBudget: tokenBudget)
    for group in groups { formUnion(StepLoad(group.map { sequences[$0] })) }
  }

  /// More steps than these bring no new company of examples that would be worth the time.
  private static let steps = 1 << 14

  /// Takes in one step's examples.
  mutating func add(step batch: [[TargetSequence]], _ settings: TrainingSettings) {
    let lengths = batch.map { $0.reduce(0) { $0 + $1.tokens.count } }
    let groups = MicroBatches.compose(lengths: lengths, tokenBudget: settings.microBatchTokens)
    microBatches = max(microBatches, groups.count)
    for group in groups { formUnion(StepLoad(group.flatMap { batch[$0] })) }
  }

  mutating func formUnion(_ other: StepLoad) {
    rows = max(rows, other.rows)
    read = max(read, other.read)
    sequences = max(sequences, other.sequences)
    targets = max(targets, other.targets)
    positions = max(positions, other.positions)
    chunkedPositions = max(chunkedPositions, other.chunkedPositions)
  }

  private static func chunked(_ length: Int) -> Int { (length + 63) / 64 * 64 }
}
