import Collectives
import Kernels
import Objectives
import Transformers

extension Trainer {
  /// The batch with each example told what it has to know of the others, and the objective's state afterwards.
  ///
  /// Each rank asks the policy about its micro-batches; then all know all observations and judge alike. A sequence's numbers
  /// are the same bits in any company, so the batch's statistics are the same at any number of ranks and micro-batches, and
  /// the same that the step itself will see.
  func survey<Goal: Objective>(
    _ batch: [TrainingExample<Goal.Example>], _ microBatches: [[Int]], _ objective: Goal,
    temperature: Float
  ) throws -> (batch: [TrainingExample<Goal.Example>], state: [Double]) {
    guard objective.survey != .none else { return (batch, objectiveState) }
    let leaves = SummationTree.leafRange(
      count: microBatches.count, rank: communicator.rank, size: communicator.size)
    let own = microBatches[leaves].flatMap { indices in
      observe(indices.map { batch[$0] }, objective, temperature: temperature)
    }
    // The numbers of an example go behind their count: objectives may say different amounts of different examples.
    let flat = own.flatMap { [Double($0.count)] + $0 }
    var all = try communicator.allGather(doubles: flat).joined().makeIterator()
    var observations = [[Double]](repeating: [], count: batch.count)
    for index in microBatches.joined() {
      let count = Int(all.next() ?? 0)
      observations[index] = (0..<count).compactMap { _ in all.next() }
    }
    let found = objective.informed(batch.map(\.facts), observations, state: objectiveState)
    var informed = batch
    for index in batch.indices { informed[index].facts = found.examples[index] }
    return (informed, found.state)
  }

  private func observe<Goal: Objective>(
    _ examples: [TrainingExample<Goal.Example>], _ objective: Goal, temperature: Float
  ) -> [[Double]] {
    let sequences = examples.map { $0.probes.isEmpty ? $0.sequences : $0.probes }
    let pass = transformer.logProbabilities(
      of: sequences.flatMap { $0 }, temperature: temperature,
      concentrations: objective.survey == .concentrations)
    var next = 0
    return zip(examples, sequences).map { example, sequences in
      let range = next..<next + sequences.count
      next = range.upperBound
      return objective.observe(
        example.facts,
        PolicyView(
          logProbabilities: Array(pass.values[range]),
          concentrations: pass.concentrations.isEmpty ? [] : Array(pass.concentrations[range])))
    }
  }
}
