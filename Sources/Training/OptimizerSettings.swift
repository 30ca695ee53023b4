/// AdamW (arXiv:1711.05101) as PyTorch has it, and the clipping before it.
public struct OptimizerSettings: Sendable, Equatable {
  /// The peak learning rate.
  public var learningRate: Double
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  /// Decoupled decay of matrices; gains and biases never decay.
  public var weightDecay: Double
  /// The largest global norm of the gradient; 0 does not clip.
  public var maximumGradientNorm: Double

  public init(
    learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0, maximumGradientNorm: Double = 1
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.maximumGradientNorm = maximumGradientNorm
  }
}
