/// The names that recipes' gates and alarms are held against for typing mistakes.
///
/// A name that is missing here is no mistake: it is looked for in the stage's first step or in its
/// closing figures. Here are those that people watch.
private enum Metrics {
  static let data = [
    "data/rows", "data/kept", "data/dropped", "data/truncated", "data/duplicates",
  ]
  static let pairs =
    data + [
      "data/equal_pairs", "data/repeated_prompts", "data/contradictions", "data/chosen_longer",
    ]
  static let steps = ["loss", "grad_norm", "learning_rate", "epoch", "num_tokens"]
}

extension SupervisedStage {
  public static var metrics: [String] {
    Metrics.data + Metrics.steps + ["entropy", "mean_token_accuracy"]
  }
}

extension RewardModelStage {
  public static var metrics: [String] {
    Metrics.pairs + Metrics.steps + [
      "accuracy", "eval_accuracy", "eval_accuracy/low", "eval_margin", "eval_longer_wins",
      "eval_length_correlation", "eval_calibration_error", "margin", "mean_reward",
    ]
  }
}

extension DirectPreferenceStage {
  public static var metrics: [String] {
    Metrics.pairs + Metrics.steps + [
      "rewards/chosen", "rewards/rejected", "rewards/margins", "rewards/accuracies",
      "logps/chosen", "logps/rejected",
    ]
  }
}

extension JudgementStage {
  public static var metrics: [String] {
    Metrics.data + Metrics.steps + [
      "rewards/chosen", "rewards/rejected", "logps/chosen", "logps/rejected", "kl",
    ]
  }
}

extension PolicyGradientStage {
  public static var metrics: [String] {
    Metrics.data + Metrics.steps + [
      "reward", "reward_std", "frac_reward_zero_std", "kl", "entropy",
      "completions/mean_length", "completions/max_length", "completions/clipped_ratio",
    ]
  }
}

extension SampleStage {
  public static var metrics: [String] {
    Metrics.data + ["completions/mean_length", "completions/clipped_ratio"]
  }
}

extension ScoreStage {
  public static var metrics: [String] { ["scores/mean", "scores/best", "scores/spread"] }
}

extension PairStage {
  public static var metrics: [String] {
    ["prompts", "pairs", "margin", "unused_share", "unused_prompts", "chosen_longer"]
  }
}

extension CompareStage {
  public static var metrics: [String] {
    ["start", "previous"].flatMap {
      [
        "win_rate/\($0)", "win_rate/\($0)/low", "score_gain/\($0)", "score_gain/\($0)/low",
        "length_drift/\($0)",
      ]
    } + ["kl", "kl_per_token", "scores/mean", "completions/mean_length"]
  }
}

extension FilterStage {
  public static var metrics: [String] {
    Metrics.data + ["kept", "kept_share", "held_out", "dropped/contaminated"]
  }
}
