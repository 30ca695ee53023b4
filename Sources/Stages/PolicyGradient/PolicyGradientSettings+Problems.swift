import Kernels
import Objectives
import Pipeline

extension PolicyGradientOptions {
  /// What is wrong with values that are of the right type, where the policy computes in bfloat16 or not.
  func problems(bf16: Bool) -> [SettingProblem] {
    var problems = sampling.problems() + learning.problems()
    // The ratio's denominator is what training says of the completions: it takes the sampler for the policy.
    let own: PackedWeights.Format = bf16 ? .bfloat16 : .float32
    if let weights = sampling.weights, weights != own {
      problems.append(
        SettingProblem(
          "weights",
          "weights is \(weights), where \(own), or leaving it out, would be right: grpo takes its completions "
            + "for its own policy's, and rounded weights are another one. To learn from such completions, draw "
            + "them by a stage `sample` with weights: \(weights), and give its output as the input `rollouts`: "
            + "their log-probabilities are then the ratio's denominator"))
    }
    if sampling.numGenerations < 2 {
      problems.append(
        SettingProblem(
          "num_generations",
          "num_generations is \(sampling.numGenerations), where 2 or more would be right: a group "
            + "needs a mean"))
    }
    if sampling.temperature <= 0 {
      problems.append(
        SettingProblem(
          "temperature",
          "temperature is \(sampling.temperature), where a number above 0 would be right: greedy "
            + "completions of a prompt are all the same"))
    }
    return problems
  }
}

extension PolicyGradientOptions.Learning {
  fileprivate func problems() -> [SettingProblem] {
    var problems = rewards.problems()
    func check(
      _ isRight: Bool, _ key: String, _ found: some CustomStringConvertible, _ right: String
    ) {
      if !isRight {
        problems.append(SettingProblem(key, "\(key) is \(found), where \(right) would be right"))
      }
    }
    check(!rewards.isEmpty, "rewards", "empty", "a list such as [{kind: math}]")
    check((1...1000).contains(numIterations), "num_iterations", numIterations, "1 or more")
    check(
      (1...1000).contains(stepsPerGeneration), "steps_per_generation", stepsPerGeneration,
      "1 or more")
    check(beta >= 0 && beta.isFinite, "beta", beta, "0 or more")
    check((0...1).contains(epsilon), "epsilon", epsilon, "a number from 0 to 1")
    check(
      (epsilonHigh ?? 1) > 0 && (epsilonHigh ?? 1).isFinite, "epsilon_high", epsilonHigh ?? 0,
      "a number above 0")
    check((delta ?? 1) > 0, "delta", delta ?? 0, "a ratio such as 4")
    check((clipRatioC ?? 3) > 1, "clip_ratio_c", clipRatioC ?? 0, "a number above 1, such as 3")
    check(
      topEntropyQuantile > 0 && topEntropyQuantile <= 1, "top_entropy_quantile",
      topEntropyQuantile, "a share above 0, at most 1")
    check(
      (1...10_000).contains(maxNumGenBatches), "max_num_gen_batches", maxNumGenBatches, "1 or more")
    for (key, value) in [
      ("sapo_temperature_pos", sapoTemperaturePos), ("sapo_temperature_neg", sapoTemperatureNeg),
    ] {
      check(value > 0 && value.isFinite, key, value, "a number above 0")
    }
    return problems + contradictions()
  }

  /// Settings that would be taken silently and do nothing, or not what was meant.
  private func contradictions() -> [SettingProblem] {
    var problems: [SettingProblem] = []
    if lossType == .cispo, epsilonHigh == nil {
      problems.append(
        SettingProblem(
          "loss_type",
          "with loss_type cispo the ratio counts up to epsilon_high itself: set it, 5.0 for example "
            + "(arXiv:2510.13786)"))
    }
    if lossType == .luspo, importanceSamplingLevel != .sequence {
      problems.append(
        SettingProblem(
          "loss_type", "loss_type luspo wants importance_sampling_level: sequence"))
    }
    if lossType == .vespo, importanceSamplingLevel != .token {
      problems.append(
        SettingProblem(
          "importance_sampling_level",
          "loss_type vespo has a ratio of its own: leave importance_sampling_level token"))
    }
    if !lossType.isClipped, delta != nil || clipRatioC != nil {
      problems.append(
        SettingProblem(
          delta != nil ? "delta" : "clip_ratio_c",
          "loss_type \(lossType.rawValue) does not clip: take delta and clip_ratio_c out"))
    }
    if multiObjectiveAggregation == .normalizeThenSum,
      scaleRewards != nil || advantageEstimator == .rloo
    {
      problems.append(
        SettingProblem(
          "multi_objective_aggregation",
          "normalize_then_sum divides by the deviations of each group and of the batch: take "
            + "scale_rewards and advantage_estimator out"))
    }
    return problems
  }
}
