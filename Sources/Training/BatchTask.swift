import Kernels
import Objectives
import Transformers

/// What a micro-batch is run for: the batch it belongs to and the objective.
struct BatchTask<Goal: Objective> {
  let transformer: Transformer
  let objective: Goal
  let batch: [TrainingExample<Goal.Example>]
  let totals: BatchTotals
  let temperature: Float
  var recording: ActivationRecording?

  /// Forward, objective, backward: adds the micro-batch's gradient to `gradients`.
  func run(_ indices: [Int], into gradients: FloatBuffer) -> MicroBatchReport {
    switch transformer.head {
    case .language: runLanguage(indices.map { batch[$0] }, into: gradients)
    case .score: runScore(indices.map { batch[$0] }, into: gradients)
    }
  }

  private func runLanguage(
    _ examples: [TrainingExample<Goal.Example>], into gradients: FloatBuffer
  ) -> MicroBatchReport {
    let sequences = examples.flatMap(\.sequences)
    let pass = transformer.logProbabilities(
      of: sequences, temperature: temperature, retained: true, entropies: true,
      known: known(examples, gradients), recording: recording)
    var (report, slopes) = evaluate(examples, pass.values)
    let targets = Double(sequences.reduce(0) { $0 + $1.targets.count })
    report.metrics.add(
      "entropy", sum: pass.entropies.joined().reduce(0.0) { $0 + Double($1) }, weight: targets)
    report.metrics.add(
      "mean_token_accuracy", sum: Double(pass.correctCount), weight: targets)
    transformer.backward(pass, slopes: slopes, into: gradients)
    return report
  }

  private func known(
    _ examples: [TrainingExample<Goal.Example>], _ gradients: FloatBuffer
  ) -> KnownSlopes? {
    var slopes: [[Float]] = []
    for example in examples {
      let lengths = example.sequences.map(\.targets.count)
      guard let known = objective.knownSlopes(example.facts, lengths: lengths, totals: totals)
      else { return nil }
      slopes += known
    }
    return KnownSlopes(slopes, gradients: gradients)
  }

  private func runScore(
    _ examples: [TrainingExample<Goal.Example>], into gradients: FloatBuffer
  ) -> MicroBatchReport {
    let pass = transformer.scores(
      of: examples.flatMap { $0.sequences.map(\.tokens) }, retained: true)
    let (report, slopes) = evaluate(examples, pass.values.map { [$0] })
    transformer.backward(pass, slopes: slopes.flatMap { $0 }, into: gradients)
    return report
  }

  /// Each example's share of the loss, and the slopes of all sequences in their order.
  private func evaluate(
    _ examples: [TrainingExample<Goal.Example>], _ values: [[Float]]
  ) -> (report: MicroBatchReport, slopes: [[Float]]) {
    var report = MicroBatchReport()
    var slopes: [[Float]] = []
    var next = 0
    for example in examples {
      let policy = values[next..<next + example.sequences.count].map { $0[...] }
      next += example.sequences.count
      let evaluation = objective.evaluate(example.facts, policy: policy, totals: totals)
      report.loss += evaluation.loss
      report.tokenCount += example.tokenCount
      report.metrics.merge(evaluation.metrics)
      slopes += evaluation.slopes
    }
    return (report, slopes)
  }
}
