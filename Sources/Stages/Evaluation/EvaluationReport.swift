import JSON
import OrderedCollections
import Rewards

/// All that was measured, for people and for later stages.
struct EvaluationReport: Sendable {
  var models: [ModelEvaluation]
  /// Measured against it, where there is one.
  var baseline: ModelEvaluation?
  /// The share of pairs that the reward model ranks right.
  var rewardAccuracy: Estimate?

  /// Whether the last model is as good as the best of the others, in one sentence.
  ///
  /// Nil where there is one model, or no skill to compare.
  var verdict: String? {
    guard let last = models.last, let reached = last.meanOfSkills else { return nil }
    var best: (name: String, value: Double)?
    for model in models.dropLast() {
      guard let value = model.meanOfSkills, value > best?.value ?? -1 else { continue }
      best = (model.name, value)
    }
    guard let best else { return nil }
    let skills = last.skills.keys.joined(separator: " and ")
    let says = reached >= best.value ? "reaches" : "does not reach"
    return "\(last.name) \(says) the best of the others: its mean over \(skills) is "
      + "\(Figure.shown(reached)), that of \(best.name) is \(Figure.shown(best.value))."
  }

  var json: JSON {
    var json: JSON = ["models": .array(models.map(\.json))]
    if let baseline { json["baseline"] = baseline.json }
    let differences = differences(
      among: all.indices.flatMap { first in
        all.indices.filter { $0 > first }.map { (all[$0], all[first]) }
      })
    if !differences.isEmpty { json["differences"] = .array(differences.map(\.json)) }
    if let rewardAccuracy {
      json["reward_model"] = [
        "preference_accuracy": rewardAccuracy.json(n: rewardAccuracy.count, k: 1)
      ]
    }
    if let verdict { json["verdict"] = .string(verdict) }
    return json
  }

  /// Figures for the closing table: `MODEL/accuracy`, `MODEL/gsm8k/accuracy`.
  var summary: OrderedDictionary<String, Double> {
    var summary: OrderedDictionary<String, Double> = [:]
    for model in models {
      for (name, value) in model.figures { summary["\(model.name)/\(name)"] = value }
    }
    if let rewardAccuracy { summary["reward_model/preference_accuracy"] = rewardAccuracy.mean }
    return summary
  }

  /// The baseline and the models.
  var all: [ModelEvaluation] { (baseline.map { [$0] } ?? []) + models }

  /// By how much the first of each two is above the second, figure by figure.
  func differences(
    among pairs: [(ModelEvaluation, ModelEvaluation)]
  ) -> [ModelDifference] {
    pairs.flatMap { first, second in
      zip(first.suites, second.suites).flatMap { own, other in
        own.measures.compactMap { measure -> ModelDifference? in
          guard measure.kind != .exponential,
            let same = other.measures.first(where: { $0.name == measure.name })
          else { return nil }
          return ModelDifference(
            figure: own.figureName(measure.name), first: first.name, second: second.name,
            estimate: measure.difference(from: same))
        }
      }
    }
  }
}

/// By how much one model's figure is above another's, on the same prompts.
struct ModelDifference: Sendable {
  var figure: String
  var first: String
  var second: String
  /// Its count is of prompts.
  var estimate: Estimate

  var json: JSON {
    func number(_ value: Double) -> JSON { value.isFinite ? .number(value) : nil }
    return [
      "figure": .string(figure), "model": .string(first), "other": .string(second),
      "mean": number(estimate.mean), "low": number(estimate.low), "high": number(estimate.high),
      "n": .integer(estimate.count),
    ]
  }
}
