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
  /// Answers to each problem.
  var k: Int

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
      + "\(shown(reached)), that of \(best.name) is \(shown(best.value))."
  }

  var json: JSON {
    var json: JSON = ["models": .array(models.map { $0.json(k) })]
    if let baseline { json["baseline"] = baseline.json(k) }
    if let rewardAccuracy {
      json["reward_model"] = ["preference_accuracy": rewardAccuracy.json]
    }
    if let verdict { json["verdict"] = .string(verdict) }
    return json
  }

  /// Figures for the closing table: `MODEL/accuracy`.
  var summary: OrderedDictionary<String, Double> {
    var summary: OrderedDictionary<String, Double> = [:]
    for model in models {
      for (name, estimate) in model.estimates(k) {
        summary["\(model.name)/\(name)"] = estimate.mean
      }
      for (name, value) in model.plain { summary["\(model.name)/\(name)"] = value }
    }
    if let rewardAccuracy { summary["reward_model/preference_accuracy"] = rewardAccuracy.mean }
    return summary
  }

  /// A table with a row for each model and a column for each measure, means with 95 % intervals.
  var markdown: String {
    let rows = (baseline.map { [$0] } ?? []) + models
    var columns: [String] = []
    for row in rows {
      for name in row.estimates(k).map(\.name) + row.plain.map(\.name)
      where !columns.contains(name) { columns.append(name) }
    }
    var lines = ["# Evaluation", ""]
    lines.append("| model | " + columns.joined(separator: " | ") + " |")
    lines.append("|---|" + columns.map { _ in "---:|" }.joined())
    for row in rows {
      lines.append(
        "| \(row.name) | " + columns.map { cell(row, $0) }.joined(separator: " | ") + " |")
    }
    lines += [
      "",
      "Means, with intervals of 95 % in brackets; answers to one question count as one cluster.",
    ]
    if let rewardAccuracy {
      lines += [
        "",
        "The reward model ranks \(cell(rewardAccuracy)) of \(rewardAccuracy.count) pairs right.",
      ]
    }
    if let verdict { lines += ["", verdict] }
    return lines.joined(separator: "\n") + "\n"
  }

  private func cell(_ row: ModelEvaluation, _ name: String) -> String {
    if let found = row.estimates(k).first(where: { $0.name == name }) {
      return cell(found.estimate)
    }
    return row.plain.first { $0.name == name }.map { shown($0.value) } ?? ""
  }

  private func cell(_ estimate: Estimate) -> String {
    guard estimate.low.isFinite, estimate.high.isFinite else { return shown(estimate.mean) }
    return "\(shown(estimate.mean)) [\(shown(estimate.low)), \(shown(estimate.high))]"
  }

  /// Three decimals.
  private func shown(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    let thousandths = Int((abs(value) * 1000).rounded())
    let decimals = String(1000 + thousandths % 1000).dropFirst()
    return "\(value < 0 && thousandths > 0 ? "−" : "")\(thousandths / 1000).\(decimals)"
  }
}
