/// One completion of a prompt in a training step: what was sampled and what it earned.
struct Rollout: Equatable {
  /// Which of the step's prompts it answers.
  var prompt: Int
  var tokens: [Int32]
  /// From the sampler, at the sampling temperature.
  var logProbabilities: [Float]
  var isTruncated: Bool
  var text: String
  /// Each reward of the mixture, in the recipe's order, and their weighted sum.
  var rewards: [Double]
  var reward: Double
}
