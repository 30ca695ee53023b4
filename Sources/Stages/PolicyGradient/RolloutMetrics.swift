import Objectives
import OrderedCollections

/// What a generation's completions say, under TRL's names.
struct RolloutMetrics {
  let batch: RolloutBatch
  let rewardNames: [String]

  var values: OrderedDictionary<String, Double> {
    let rollouts = batch.rollouts
    let lengths = rollouts.map { Double($0.tokens.count) }
    let ended = rollouts.filter { !$0.isTruncated }.map { Double($0.tokens.count) }
    var values: OrderedDictionary<String, Double> = [
      "completions/mean_length": mean(lengths), "completions/min_length": lengths.min() ?? 0,
      "completions/max_length": lengths.max() ?? 0,
      "completions/clipped_ratio": 1 - Double(ended.count) / Double(max(1, rollouts.count)),
      "completions/mean_terminated_length": mean(ended),
      "completions/min_terminated_length": ended.min() ?? 0,
      "completions/max_terminated_length": ended.max() ?? 0,
    ]
    for (index, name) in rewardNames.enumerated() {
      let rewards = rollouts.map { $0.scores[index] }
      values["rewards/\(name)/mean"] = mean(rewards)
      values["rewards/\(name)/std"] = sampleDeviation(rewards)
    }
    let rewards = rollouts.map(\.reward)
    values["reward"] = mean(rewards)
    values["reward_std"] = sampleDeviation(rewards)
    values["frac_reward_zero_std"] =
      Double(batch.groups.count { !hasSignal($0.rewards) }) / Double(max(1, batch.groups.count))
    return values
  }
}
