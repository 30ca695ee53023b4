public import Collectives
public import Kernels
public import Objectives
import Profiling
public import Transformers

/// Steps of training: a batch and an objective in, changed weights and the step's numbers out.
///
/// Every rank is given the whole batch and takes its share of the micro-batches. Gradients are added
/// in a fixed tree over micro-batches, so the weights are the same bits at any number of ranks.
public final class Trainer {
  public let transformer: Transformer
  public let communicator: any Communicator
  /// The step that comes next, from zero.
  public internal(set) var step = 0
  /// What the objective carries from step to step, such as a running mean; a checkpoint keeps it.
  public internal(set) var objectiveState: [Double] = []
  /// Numbers beside the trained ones, as many and in the same order, that a checkpoint keeps: a moving reference's weights.
  public var companion: FloatBuffer?

  let optimizer: Optimizer
  private let schedule: LearningRateSchedule
  private var spareGradients: [FloatBuffer] = []

  public init(
    _ transformer: Transformer, optimizer settings: OptimizerSettings,
    schedule: LearningRateSchedule, communicator: any Communicator
  ) {
    self.transformer = transformer
    self.schedule = schedule
    self.communicator = communicator
    let parts = communicator.partition(count: transformer.trainable.count)
    optimizer = Optimizer(
      settings, parameters: transformer.trainable, part: parts[communicator.rank])
  }

  /// One optimizer step over a global batch.
  ///
  /// Micro-batches are indices into `batch`, whose composition must not depend on the ranks. Logits are
  /// divided by `temperature` before the log-probabilities. What `recording` has of sequences was sampled under the weights
  /// as they are, and is not computed again; afterwards it is empty.
  /// - Throws: `TrainingError` before any weight is changed; errors between ranks.
  public func step<Goal: Objective>(
    _ batch: [TrainingExample<Goal.Example>], microBatches: [[Int]], objective: Goal,
    temperature: Float = 1, recording: ActivationRecording? = nil
  ) throws -> StepReport {
    try Profiler.measure(.step) {
      try measuredStep(batch, microBatches, objective, temperature, recording)
    }
  }

  private func measuredStep<Goal: Objective>(
    _ batch: [TrainingExample<Goal.Example>], _ microBatches: [[Int]], _ objective: Goal,
    _ temperature: Float, _ recording: ActivationRecording?
  ) throws -> StepReport {
    // A batch whose tokens an objective leaves out all the same (answers that were cut) is a step of
    // gradient zero; one that has none is a mistake in the data.
    guard batch.contains(where: { $0.sequences.contains { !$0.targets.isEmpty } }) else {
      throw TrainingError.nothingToLearn(step: step)
    }
    let totals = batch.reduce(into: BatchTotals()) { totals, example in
      totals += objective.totals(example.facts, lengths: example.sequences.map(\.targets.count))
    }
    let found = try survey(batch, microBatches, objective, temperature: temperature)
    let task = BatchTask(
      transformer: transformer, objective: objective, batch: found.batch, totals: totals,
      temperature: temperature, recording: recording)
    let (gradients, share) = try accumulate(task, microBatches)
    defer { spareGradients.append(gradients) }
    var report = try gather(share)
    guard report.loss.isFinite else { throw TrainingError.notFinite(step: step, what: "loss") }
    report.gradientNorm = try gradientNorm(gradients)
    guard report.gradientNorm.isFinite else {
      throw TrainingError.notFinite(step: step, what: "gradient")
    }
    report.learningRate = optimizer.settings.learningRate * schedule.share(step: step)
    try update(gradients, report)
    // It tells what the weights were.
    recording?.reset()
    objectiveState = found.state
    step += 1
    return report
  }

  /// This rank's subtree of the sum over micro-batches, reduced over the ranks: afterwards its part of
  /// the vector holds the batch's gradient.
  private func accumulate(
    _ task: BatchTask<some Objective>, _ microBatches: [[Int]]
  ) throws -> (gradients: FloatBuffer, share: [MicroBatchReport]) {
    let compute = transformer.compute
    let leaves = SummationTree.leafRange(
      count: microBatches.count, rank: communicator.rank, size: communicator.size)
    var tree = TreeAccumulator<FloatBuffer>(leaves: leaves) { left, right in
      compute.add(Matrix(whole: right), to: Matrix(whole: left))
    }
    var share: [MicroBatchReport] = []
    for leaf in leaves {
      let gradients = tree.takeSpare() ?? spareGradients.popLast() ?? makeGradients()
      compute.zero(Matrix(whole: gradients))
      share.append(task.run(microBatches[leaf], into: gradients))
      try tree.append(gradients)
    }
    while let spare = tree.takeSpare() { spareGradients.append(spare) }
    let sum = tree.finish() ?? absentGradients()
    try sum.withMutableSpan(0..<sum.count) { span throws in try communicator.reduceTree(&span) }
    return (sum, share)
  }

  private func makeGradients() -> FloatBuffer { FloatBuffer(count: transformer.trainable.count) }

  /// What a rank without micro-batches adds: nothing, to the last bit.
  private func absentGradients() -> FloatBuffer {
    let gradients = spareGradients.popLast() ?? makeGradients()
    gradients.copy(
      from: Array(repeating: SummationTree.absent, count: gradients.count), at: 0)
    return gradients
  }

  /// The batch's numbers, added over micro-batches in their order.
  private func gather(_ share: [MicroBatchReport]) throws -> StepReport {
    var report = StepReport()
    for bytes in try communicator.allGather(MicroBatchReport.encoded(share)) {
      for part in try MicroBatchReport.decoded(bytes) { report.merge(part) }
    }
    return report
  }

  /// The global norm: squares are added within blocks of fixed places, then the blocks in order.
  private func gradientNorm(_ gradients: FloatBuffer) throws -> Double {
    let sums = transformer.compute.blockSquareSums(
      gradients, optimizer.part, blockSize: partitionUnit)
    let all = try communicator.allGather(doubles: sums)
    return all.joined().reduce(0, +).squareRoot()
  }

  private func update(_ gradients: FloatBuffer, _ report: StepReport) throws {
    let limit = optimizer.settings.maximumGradientNorm
    let scale = limit > 0 ? min(1, limit / (report.gradientNorm + 1e-6)) : 1
    optimizer.update(
      gradients, step: step + 1, learningRate: report.learningRate, gradientScale: scale,
      compute: transformer.compute)
    let values = transformer.trainable.values
    try values.withMutableSpan(0..<values.count) { span throws in
      try communicator.allGatherParts(&span)
    }
    if transformer.adapter == nil {
      Profiler.measure(.optimizer) { transformer.roundCopies() }
    }
  }
}
