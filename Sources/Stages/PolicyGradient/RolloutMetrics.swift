import Objectives
import OrderedCollections

/// What a step's completions say, under TRL's names.
struct RolloutMetrics {
  let rollouts: [Rollout]
  let groups: [[Double]]
  let rewardNames: [String]

  var values: OrderedDictionary<String, Double> {
    let lengths = rollouts.map { Double($0.tokens.count) }
    let ended = rollouts.filter { !$0.isTruncated }.map { Double($0.tokens.count) }
    var values: OrderedDictionary<String, Double> = [
      "completions/mean_length": mean(lengths), "completions/min_length": lengths.min() ?? 0,
      "completions/max_length": lengths.max() ?? 0,
      "completions/clipped_ratio": 1 - Double(ended.count) / Double(max(1, rollouts.count)),
      "completions/mean_terminated_length": mean(ended),
    ]
    for (index, name) in rewardNames.enumerated() {
      let rewards = rollouts.map { $0.rewards[index] }
      values["rewards/\(name)/mean"] = mean(rewards)
      values["rewards/\(name)/std"] = sampleDeviation(rewards)
    }
    values["reward"] = mean(rollouts.map(\.reward))
    values["reward_std"] = mean(groups.map(sampleDeviation))
    values["frac_reward_zero_std"] =
      Double(groups.count { group in group.allSatisfy { $0 == group[0] } })
      / Double(max(1, groups.count))
    return values
  }

  private func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}
