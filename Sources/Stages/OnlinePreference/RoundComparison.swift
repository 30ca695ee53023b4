import Generation
import JSON
import OrderedCollections
import Rewards

/// The figures of a round, from scored answers to the same prompts in the same order.
struct RoundComparison {
  var model: [CompletionRow]
  var start: [CompletionRow]
  /// Nil where the round before is the start.
  var previous: [CompletionRow]?
  /// By prompt and answer: Σ log p − log p of the reference, over the answer's tokens.
  var kl: [[Double]]

  private var others: [(name: String, rows: [CompletionRow])] {
    [("start", start)] + (previous.map { [("previous", $0)] } ?? [])
  }

  /// The share of answers with the higher score, sample against sample, a tie counting half.
  private func winRate(over other: [CompletionRow]) -> Estimate {
    let outcomes = zip(model, other).map { own, other in
      zip(own.scores, other.scores).map { $0 > $1 ? 1 : $0 == $1 ? 0.5 : 0 }
    }
    // Samples of one prompt are not independent; with one each, Wilson's interval is the better.
    guard outcomes.contains(where: { $0.count > 1 }) else {
      let all = outcomes.flatMap { $0 }
      return Rewards.winRate(
        wins: all.count { $0 == 1 }, ties: all.count { $0 == 0.5 }, losses: all.count { $0 == 0 })
    }
    return clusteredMean(outcomes).bounded
  }

  /// By how much the scores are higher, prompt by prompt.
  private func gain(over other: [CompletionRow]) -> Estimate {
    clusteredMean(zip(model, other).map { [mean($0.scores) - mean($1.scores)] })
  }

  private static func length(_ rows: [CompletionRow]) -> Double {
    mean(rows.flatMap { row in row.completions.indices.map { Double(row.length($0)) } })
  }

  /// The change of the mean length, as a share of the other's.
  private func drift(from other: [CompletionRow]) -> Double {
    let before = RoundComparison.length(other)
    return before > 0 ? RoundComparison.length(model) / before - 1 : 0
  }

  /// Measures with an interval, the ones that say most first.
  private var estimates: [(name: String, estimate: Estimate)] {
    others.map { ("win_rate/\($0.name)", winRate(over: $0.rows)) }
      + others.map { ("score_gain/\($0.name)", gain(over: $0.rows)) }
      + [("kl", clusteredMean(kl))]
  }

  private var plain: [(name: String, value: Double)] {
    let answers = model.flatMap(\.completions)
    let tokens = answers.reduce(0) { $0 + $1.completion.tokens.count }
    return others.map { ("length_drift/\($0.name)", drift(from: $0.rows)) } + [
      ("scores/mean", mean(model.flatMap(\.scores))),
      ("kl_per_token", kl.joined().reduce(0, +) / Double(max(1, tokens))),
      ("completions/mean_length", RoundComparison.length(model)),
      (
        "completions/clipped_ratio",
        Double(answers.count { !$0.hasEnded }) / Double(max(1, answers.count))
      ), ("prompts", Double(model.count)),
    ]
  }

  /// Closing figures; the ends of an interval are `NAME/low` and `NAME/high`.
  var summary: OrderedDictionary<String, Double> {
    var summary: OrderedDictionary<String, Double> = [:]
    for (name, estimate) in estimates { summary[name] = estimate.mean }
    for (name, value) in plain { summary[name] = value }
    for (name, estimate) in estimates where estimate.low.isFinite && estimate.high.isFinite {
      summary["\(name)/low"] = estimate.low
      summary["\(name)/high"] = estimate.high
    }
    return summary
  }

  var json: JSON {
    var json: JSON = [:]
    for (name, estimate) in estimates { json[name] = estimate.json }
    for (name, value) in plain { json[name] = .number(value) }
    return json
  }

  /// A line for each prompt: what each model answered, with the scores.
  var answers: [UInt8] {
    model.indices.flatMap { index -> [UInt8] in
      var line: JSON = ["row": .integer(model[index].row), "prompt": model[index].prompt.json]
      for (name, rows) in [("model", model)] + others {
        line[name] = .array(
          zip(rows[index].completions, rows[index].scores).map { answer, score in
            ["text": .string(answer.text), "score": .number(score)]
          })
      }
      return Array((line.serialized(.compact) + "\n").utf8)
    }
  }
}
