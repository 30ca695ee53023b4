/// What stops training: facts, rendered by `description`.
public enum TrainingError: Error, Sendable, Equatable {
  /// A loss or a gradient that is not finite; the weights are those from before the step.
  case notFinite(step: Int, what: String)
  /// Nothing in a batch to learn from.
  case nothingToLearn(step: Int)
  /// A checkpoint that is not what its manifest says, or belongs to something else.
  case checkpoint(path: String, reason: String)
}

extension TrainingError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notFinite(let step, let what):
      """
      step \(step): the \(what) is not finite, so no weight was changed; a lower learning_rate or \
      max_grad_norm may help, or a look at this step's rows
      """
    case .nothingToLearn(let step):
      """
      step \(step): the batch has no token to learn from, so no weight was changed; every answer in it \
      is empty
      """
    case .checkpoint(let path, let reason): "\(path): \(reason)"
    }
  }
}
