import Kernels
import Objectives
import Pipeline
import Training
import Transformers

/// A reference that follows the policy: every so many steps it becomes a mixture of the two (TR-DPO, arXiv:2404.09656, equation
/// 5: soft at a share below 1, hard at 1).
///
/// Its weights are state, kept in every checkpoint beside the policy's.
struct MovingReference {
  let pass: ReferenceLogProbabilities
  let network: Transformer
  /// The policy's share in the mixture.
  let share: Double
  let steps: Int
  let objective: PreferenceObjective

  /// What a training loop does around its steps with it.
  var hooks: StepHooks<PreferenceObjective.Example> {
    StepHooks(
      begin: { trainer in trainer.companion = network.base.values },
      prepare: { batch in try prepared(batch) }, finish: { trainer in follow(trainer) })
  }

  /// The batch with what the reference, as it stands, says of it.
  private func prepared(
    _ batch: [TrainingExample<PreferenceObjective.Example>]
  ) throws -> [TrainingExample<PreferenceObjective.Example>] {
    // A checkpoint may have been restored, or a step have moved it.
    network.roundCopies()
    let values = try pass.values(of: batch.flatMap(\.sequences), under: network)
    return batch.indices.map { index in
      var example = batch[index]
      example.facts = objective.example(
        reference: [values[2 * index][...], values[2 * index + 1][...]])
      return example
    }
  }

  /// Behind every `steps`-th step: reference ← share · policy + (1 − share) · reference.
  private func follow(_ trainer: Trainer) {
    guard trainer.step % steps == 0 else { return }
    let policy = trainer.transformer.trainable.values
    network.base.values.withMutableSpan { reference in
      policy.withSpan { policy in
        for index in 0..<policy.count {
          reference[index] = Float(
            share * Double(policy[index]) + (1 - share) * Double(reference[index]))
        }
      }
    }
  }
}
