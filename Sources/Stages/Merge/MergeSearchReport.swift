import Artifacts
import JSON
import Merging
import OrderedCollections

/// What a search has found, for people and for later stages.
struct MergeSearchReport {
  /// Parents and winner, measured side by side.
  struct Comparison {
    var names: [String]
    var figures: [OrderedDictionary<String, Double>]
    /// The evaluation's own report, with its intervals.
    var markdown: String
    var json: JSON
  }

  private let search: MergeSearch
  private let winner: ScoredCandidate
  private let comparison: Comparison
  private let isHeldOut: Bool

  init(
    _ search: MergeSearch, winner: ScoredCandidate, comparison: Comparison, isHeldOut: Bool
  ) {
    self.search = search
    self.winner = winner
    self.comparison = comparison
    self.isHeldOut = isHeldOut
  }

  /// The mean of the figures that count, of each compared model; of losses the negative, so that more is better.
  private var worths: [Double] {
    comparison.figures.map { figures in
      let scores = search.scores(figures)
      return scores.reduce(0, +) / Double(max(1, scores.count))
    }
  }

  /// Those means as people read them: of losses alone their own.
  private var means: [Double] {
    search.scoreNames.allSatisfy(MergeSearch.isLoss) ? worths.map { -$0 } : worths
  }

  /// Whether the winner is better than every parent, in one sentence.
  var verdict: String {
    let (worths, means) = (worths, means)
    guard let own = worths.last, let shownOwn = means.last else { return "" }
    var best = 0
    for index in worths.indices.dropLast() where worths[index] > worths[best] { best = index }
    let rows = isHeldOut ? "rows that the search did not see" : "the rows of the search itself"
    let says =
      own > worths[best] ? "is better than every parent" : "is not better than every parent"
    return "On \(rows) the found merge \(says): the mean of "
      + "\(search.scoreNames.joined(separator: " and ")) is \(shown(shownOwn)), that of "
      + "\(comparison.names[best]) \(shown(means[best]))."
  }

  var summary: OrderedDictionary<String, Double> {
    var summary: OrderedDictionary<String, Double> = [
      "candidates": Double(search.candidates.count), "combined": winner.combined,
    ]
    for (name, mean) in zip(comparison.names, means) { summary["\(name)/mean"] = mean }
    return summary
  }

  private var front: [ScoredCandidate] {
    let all = search.parents + search.candidates
    return ScoreRule.paretoFront(all.map(\.scores)).map { all[$0] }
  }

  private var json: JSON {
    [
      "scores": .array(search.scoreNames.map(JSON.string)),
      "axes": .array(search.space.axes.map { .string($0.name(groups: search.space.groups)) }),
      "parents": .array(search.parents.map(\.json)),
      "candidates": .array(search.candidates.map(\.json)), "winner": winner.json,
      "configuration": .string(winner.yaml ?? ""),
      "pareto_front": .array(front.map { .string($0.name) }), "heldout": .bool(isHeldOut),
      "comparison": comparison.json, "verdict": .string(verdict),
    ]
  }

  private var markdown: String {
    let axes = search.space.axes.map { $0.name(groups: search.space.groups) }
    var lines = ["# Search for a merge", "", verdict, "", "## The winner", "", "```yaml"]
    lines += (winner.yaml ?? "").split(separator: "\n").map(String.init)
    lines += ["```", "", "## Pareto front", ""]
    lines += [
      "No model that was tried is as good as one of these everywhere and better somewhere.", "",
    ]
    lines.append("| model | " + (search.scoreNames + axes).joined(separator: " | ") + " |")
    lines.append("|---|" + (search.scoreNames + axes).map { _ in "---:|" }.joined())
    for model in front {
      let values = model.values.isEmpty ? axes.map { _ in "" } : model.values.map(shown)
      lines.append(
        "| \(model.name) | " + (model.scores.map(shown) + values).joined(separator: " | ") + " |")
    }
    lines += ["", "## Candidates", ""]
    lines.append("| | combined | " + search.scoreNames.joined(separator: " | ") + " |")
    lines.append("|---|---:|" + search.scoreNames.map { _ in "---:|" }.joined())
    for model in search.parents + search.candidates {
      lines.append(
        "| \(model.name) | \(shown(model.combined)) | "
          + model.scores.map(shown).joined(separator: " | ") + " |")
    }
    let title = isHeldOut ? "On held-out rows" : "On the rows of the search"
    return (lines + ["", "## \(title)", ""]).joined(separator: "\n") + "\n"
      + comparison.markdown.replacing("# Evaluation\n\n", with: "")
  }

  func write(to folder: String) throws {
    try Files.replace(
      "\(folder)/report.json", with: Array((json.serialized(.pretty) + "\n").utf8))
    try Files.replace("\(folder)/report.md", with: Array(markdown.utf8))
  }

  /// Three decimals.
  private func shown(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    return "\((value * 1000).rounded() / 1000)"
  }
}
