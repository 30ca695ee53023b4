import Collectives
import Kernels
import Transformers

/// AdamW over the trainable vector, its moments shared out over the ranks.
///
/// Each rank updates its part and all gather the weights (ZeRO stage 1, arXiv:1910.02054).
final class Optimizer {
  let settings: OptimizerSettings
  let parameters: ParameterSet
  /// This rank's part of the trainable vector.
  let part: Range<Int>
  /// First and second moments of the part, from its start.
  let firstMoment: FloatBuffer
  let secondMoment: FloatBuffer

  init(_ settings: OptimizerSettings, parameters: ParameterSet, part: Range<Int>) {
    self.settings = settings
    self.parameters = parameters
    self.part = part
    firstMoment = FloatBuffer(count: part.count)
    secondMoment = FloatBuffer(count: part.count)
  }

  /// Moves this rank's part of the weights against the gradient.
  ///
  /// Steps count from one, as the bias corrections do; `gradientScale` is what clipping multiplies by.
  func update(
    _ gradients: FloatBuffer, step: Int, learningRate: Double, gradientScale: Double,
    compute: Compute
  ) {
    for slot in parameters.slots {
      let range = slot.range.clamped(to: part)
      guard !range.isEmpty else { continue }
      compute.adamW(
        parameters: parameters.values, gradients: gradients, firstMoment: firstMoment,
        secondMoment: secondMoment, range: range, momentOffset: part.lowerBound,
        learningRate: learningRate, beta1: settings.beta1, beta2: settings.beta2,
        epsilon: settings.epsilon,
        weightDecay: slot.isVector ? 0 : settings.weightDecay, step: step,
        gradientScale: Float(gradientScale))
    }
  }
}
