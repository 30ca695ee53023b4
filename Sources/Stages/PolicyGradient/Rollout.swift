import Datasets
import Generation
import JSON
import Objectives
import OrderedCollections
import Pipeline
import Text
import Transformers

/// One completion of a prompt in training: what was sampled, what it earned, what is learnt from it.
struct Rollout: Equatable {
  var answer: SampledCompletion
  /// By each reward of the mixture, in the recipe's order, before weighting.
  var scores: [Double] = []
  /// Their weighted sum.
  var reward = 0.0
  var advantage = 0.0
  /// The log-probability of each token under the policy that sampled it, as training computes it; nil where that policy is the one
  /// that learns.
  var old: [Float]?
  /// The same under the reference.
  var reference: [Float]?

  var tokens: [Int32] { answer.completion.tokens }
  var isTruncated: Bool { !answer.hasEnded }
}

/// A prompt with its completions.
struct RolloutGroup: Equatable {
  var prompt: SamplingPrompt
  var rollouts: [Rollout]

  var rewards: [Double] { rollouts.map(\.reward) }

  /// What goes through the network.
  var sequences: [TargetSequence] {
    rollouts.map { TargetSequence(prompt: prompt.ids, completion: $0.tokens) }
  }

  var rewarded: [RewardedAnswer] {
    rollouts.map {
      RewardedAnswer(
        row: prompt.row, prompt: prompt.prompt, answer: prompt.answer, fields: prompt.fields,
        completion: $0.answer)
    }
  }
}

/// The completions of one generation: what the gradient steps up to the next one learn from.
struct RolloutBatch: Equatable {
  /// Which generation, from 0.
  var index: Int
  var groups: [RolloutGroup]
  /// Where in the order of the data its prompts begin, and where the next generation's do, in batches.
  var start: Int
  var end: Int
  /// Groups that were sampled and left out, since all their completions earned the same.
  var dropped = 0

  var rollouts: [Rollout] { groups.flatMap(\.rollouts) }

  /// The groups of one of `count` gradient steps.
  func part(_ index: Int, of count: Int) -> [RolloutGroup] {
    let part = groups[groups.count * index / count..<groups.count * (index + 1) / count]
    return part.isEmpty ? groups : Array(part)
  }
}

extension RolloutGroup {
  /// A line of `rollouts.jsonl`: one of `scores.jsonl`, and what training added.
  func json(titles: [String], generation: JSON) -> JSON {
    var rewards: OrderedDictionary<String, [Double]> = [:]
    for (index, title) in titles.enumerated() { rewards[title] = rollouts.map { $0.scores[index] } }
    var json = CompletionRow(
      row: prompt.row, prompt: prompt.prompt, answer: prompt.answer,
      completions: rollouts.map(\.answer), scores: self.rewards, rewards: rewards
    ).json
    json["advantages"] = .array(rollouts.map { .number($0.advantage) })
    json["prompt_ids"] = .array(prompt.ids.map { .integer(Int($0)) })
    let old = rollouts.compactMap(\.old)
    if old.count == rollouts.count {
      json["old_logprobs"] = .array(old.map { .array($0.map { .number(Double($0)) }) })
    }
    json["generation"] = generation
    return json
  }

  /// Reads a line, with as much of the rest as is there; `titles` are the rewards that are wanted.
  ///
  /// Scores of other rewards than those are left out: the group is then to be scored again.
  init(_ json: JSON, titles: [String], row: Int, place: String) throws {
    let line = try CompletionRow(json, row: row, place: place)
    let ids = (json["prompt_ids"]?.array ?? []).compactMap {
      $0.int.flatMap { TokenID(exactly: $0) }
    }
    prompt = SamplingPrompt(
      ids: ids, prompt: line.prompt, answer: line.answer, row: line.row, fields: .null)
    func numbers(_ key: String) -> [JSON]? { json[key]?.array }
    let advantages = numbers("advantages")?.compactMap(\.double)
    let old = numbers("old_logprobs")?.compactMap {
      $0.array?.compactMap { $0.double.map(Float.init) }
    }
    let isScored =
      !line.scores.isEmpty
      && titles.allSatisfy {
        line.rewards[$0]?.count == line.completions.count
      }
    rollouts = try line.completions.enumerated().map { index, answer in
      var rollout = Rollout(answer: answer)
      if isScored {
        rollout.reward = line.scores[index]
        rollout.scores = titles.map { line.rewards[$0]?[index] ?? 0 }
      }
      if let advantages, advantages.indices.contains(index) {
        rollout.advantage = advantages[index]
      }
      if let old, old.indices.contains(index) { rollout.old = old[index] }
      guard !answer.completion.tokens.isEmpty,
        rollout.old.map({ $0.count == rollout.tokens.count }) ?? true
      else {
        throw BadInput(
          "\(place): completion \(index + 1) has \(rollout.tokens.count) tokens and "
            + "\(rollout.old?.count ?? 0) old_logprobs, where its `tokens` and as many numbers would be right"
        )
      }
      return rollout
    }
  }

  var isScored: Bool { rollouts.allSatisfy { !$0.scores.isEmpty } }
}
