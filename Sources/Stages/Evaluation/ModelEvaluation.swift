import JSON
import OrderedCollections
import Rewards

/// What was measured of one model on one suite.
struct SuiteEvaluation: Sendable {
  var suite: String
  /// Answers to each prompt.
  var k: Int
  var measures: [Measure]
  /// The share of answers that were cut at their longest length; nil without answers.
  var cutoff: Double?
  /// Of answers, in tokens.
  var meanTokens: Double?
  var answerCount = 0
  var grid: SuiteGrid?

  /// Whether its figures are called by their own names alone: `accuracy`, not `gsm8k/accuracy`.
  var isPlain: Bool { EvaluationSuites.plain.contains(suite) }

  func figureName(_ measure: String) -> String { isPlain ? measure : "\(suite)/\(measure)" }

  /// How many prompts the figures rest on.
  var promptCount: Int { measures.map(\.clusters.count).max() ?? 0 }

  /// The numbers without intervals, by name.
  var plainNumbers: [(name: String, value: Double)] {
    [("cutoff_ratio", cutoff), ("mean_tokens", meanTokens)].compactMap { name, value in
      value.map { (name, $0) }
    }
  }
}

/// What was measured of one model.
struct ModelEvaluation: Sendable {
  var name: String
  /// In the order of the suites.
  var suites: [SuiteEvaluation]

  /// What is good at any task, from 0 to 1: of the user's own problems and prompts.
  var skills: OrderedDictionary<String, Double> {
    var skills: OrderedDictionary<String, Double> = [:]
    for name in ["accuracy", "win_rate"] {
      for suite in suites where suite.isPlain {
        guard let measure = suite.measures.first(where: { $0.name == name }) else { continue }
        skills[name] = measure.estimate.mean
      }
    }
    return skills
  }

  /// The mean of the skills; nil without any.
  var meanOfSkills: Double? { skills.isEmpty ? nil : mean(Array(skills.values)) }

  /// The suite of a name.
  func suite(_ name: String) -> SuiteEvaluation? { suites.first { $0.suite == name } }

  /// Every figure by its name in the report's table and in the summary, in order.
  var figures: [(name: String, value: Double)] {
    var figures: [(name: String, value: Double)] = []
    for suite in suites {
      figures += suite.measures.map { (suite.figureName($0.name), $0.estimate.mean) }
      if !suite.isPlain {
        figures += suite.plainNumbers.map { (suite.figureName($0.name), $0.value) }
      }
    }
    figures += plainNumbers
    if let meanOfSkills { figures.append(("skills", meanOfSkills)) }
    return figures
  }

  /// Cuts and lengths of the answers to the user's own problems and prompts together.
  var plainNumbers: [(name: String, value: Double)] {
    let own = suites.filter { $0.isPlain && $0.cutoff != nil }
    let answers = own.map { Double($0.answerCount) }
    let total = answers.reduce(0, +)
    guard total > 0 else { return [] }
    func mean(_ value: KeyPath<SuiteEvaluation, Double?>) -> Double {
      zip(own, answers).reduce(0) { $0 + ($1.0[keyPath: value] ?? 0) * $1.1 } / total
    }
    return [("cutoff_ratio", mean(\.cutoff)), ("mean_tokens", mean(\.meanTokens))]
  }

  var json: JSON {
    var json: JSON = ["name": .string(name)]
    var named: JSON = [:]
    for suite in suites {
      var figures: JSON = [:]
      for measure in suite.measures {
        figures[measure.name] = measure.estimate.json(n: measure.clusters.count, k: suite.k)
      }
      if suite.isPlain {
        for (key, value) in figures.object ?? [:] { json[key] = value }
      } else {
        for (key, value) in suite.plainNumbers { figures[key] = .number(value) }
        if let grid = suite.grid { figures["grid"] = grid.json }
        named[suite.suite] = figures
      }
    }
    for (key, value) in plainNumbers { json[key] = .number(value) }
    if let meanOfSkills { json["skills"] = .number(meanOfSkills) }
    if named != [:] { json["suites"] = named }
    return json
  }
}

extension SuiteGrid {
  /// By row and column.
  var json: JSON {
    var json: JSON = [:]
    for row in rows {
      var means: JSON = [:]
      for (column, mean) in zip(columns, row.means) {
        means[column] = mean.map { .number($0) } ?? nil
      }
      json[row.name] = means
    }
    return json
  }
}

extension ModelAnswers {
  /// The figures, where there is a baseline also against it.
  func evaluation(_ suites: [any EvaluationSuite], baseline: ModelAnswers?) -> ModelEvaluation {
    ModelEvaluation(
      name: name,
      suites: suites.enumerated().map { index, suite in
        let items = items[index]
        var measures = suite.measures(items, baseline: baseline?.items[index])
        // Against itself it would win half of all, which says nothing.
        if name == "baseline" {
          measures.removeAll { ["win_rate", "implicit_accuracy"].contains($0.name) }
        }
        let answers = items.flatMap(\.answers)
        return SuiteEvaluation(
          suite: suite.name, k: suite.sampleCount, measures: measures,
          cutoff: answers.isEmpty
            ? nil : Double(answers.count { !$0.hasEnded }) / Double(answers.count),
          meanTokens: answers.isEmpty ? nil : mean(answers.map { Double($0.tokens) }),
          answerCount: answers.count, grid: suite.grid(items))
      })
  }
}

extension Estimate {
  /// For shares: an interval within 0 and 1.
  var bounded: Estimate {
    Estimate(mean: mean, low: max(0, low), high: min(1, high), count: count)
  }

  /// An endless bound is null.
  var json: JSON {
    func number(_ value: Double) -> JSON { value.isFinite ? .number(value) : nil }
    return [
      "mean": number(mean), "low": number(low), "high": number(high), "count": .integer(count),
    ]
  }

  /// With how many prompts, and answers to each, it rests on; an endless bound is null.
  func json(n: Int, k: Int) -> JSON {
    var json = self.json
    json["n"] = .integer(n)
    json["k"] = .integer(k)
    return json
  }
}
