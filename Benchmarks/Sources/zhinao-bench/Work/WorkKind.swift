import ArgumentParser

/// The work that is measured, under the names of the rows.
enum WorkKind: String, CaseIterable, ExpressibleByArgument {
  /// A step of supervised fine-tuning of all weights on sequences of one length.
  case sft
  /// The same on the rows of a file.
  case ragged
  /// A step of direct preference optimization, the reference's pass included.
  case dpo
  /// A step of a reward model.
  case reward
  /// A step of group relative policy optimization: sampling, reference and gradient.
  case grpo
  /// Sampling, judging and a step of direct preference optimization.
  case onlineDPO = "online-dpo"
  /// Sampling alone.
  case generate

  func make(_ options: WorkOptions) throws -> any Workload {
    switch self {
    case .sft: try SupervisedWork(options, batches: .made)
    case .ragged: try SupervisedWork(options, batches: .rows)
    case .dpo: try PreferenceWork(options)
    case .reward: try RewardWork(options)
    case .grpo: try PolicyGradientWork(options)
    case .onlineDPO: try OnlinePreferenceWork(options)
    case .generate: try GenerationWork(options)
    }
  }
}
