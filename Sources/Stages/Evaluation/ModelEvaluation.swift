import JSON
import OrderedCollections
import Rewards

/// What was measured of one model; nil where there was nothing to measure with.
struct ModelEvaluation: Sendable {
  var name: String
  /// The share of answers to problems that are right: pass@1.
  var accuracy: Estimate?
  /// The share of problems of which any of the k answers is right.
  var anyRight: Estimate?
  /// The share of answers to problems and prompts that were cut at their longest length.
  var cutoff: Double?
  /// Of answers to problems and prompts, in tokens.
  var meanTokens: Double?
  /// Against the baseline, by the reward model, on the same prompts; a tie counts half.
  var winRate: Estimate?
  var meanReward: Estimate?
  /// The share of pairs whose chosen answer is the likelier, against the baseline where there is one.
  var implicitAccuracy: Estimate?
  /// Of held-out rows, in nats a token.
  var loss: Estimate?

  /// What is good at any task, from 0 to 1.
  var skills: OrderedDictionary<String, Double> {
    var skills: OrderedDictionary<String, Double> = [:]
    if let accuracy { skills["accuracy"] = accuracy.mean }
    if let winRate { skills["win_rate"] = winRate.mean }
    return skills
  }

  /// The mean of the skills; nil without any.
  var meanOfSkills: Double? { skills.isEmpty ? nil : mean(Array(skills.values)) }

  /// The measures with intervals, by their names in the report.
  func estimates(_ k: Int) -> [(name: String, estimate: Estimate)] {
    let all: [(String, Estimate?)] = [
      ("accuracy", accuracy), ("pass@\(k)", k > 1 ? anyRight : nil), ("win_rate", winRate),
      ("mean_reward", meanReward), ("implicit_accuracy", implicitAccuracy), ("loss", loss),
    ]
    return all.compactMap { name, estimate in estimate.map { (name, $0) } }
  }

  /// The measures without, by their names in the report.
  var plain: [(name: String, value: Double)] {
    let all = [("cutoff_ratio", cutoff), ("mean_tokens", meanTokens), ("skills", meanOfSkills)]
    return all.compactMap { name, value in value.map { (name, $0) } }
  }

  func json(_ k: Int) -> JSON {
    var json: JSON = ["name": .string(name)]
    for (name, estimate) in estimates(k) { json[name] = estimate.json }
    for (name, value) in plain { json[name] = .number(value) }
    return json
  }
}

extension Estimate {
  var json: JSON {
    [
      "mean": .number(mean), "low": .number(low), "high": .number(high), "count": .integer(count),
    ]
  }
}
