public import Artifacts
internal import JSON
internal import OrderedCollections

/// A run on one page: what was made from what, how it went, what it came to, what the models say.
///
/// The page stands alone: no script, no network, a few megabytes at the most.
public struct RunReport: Sendable {
  public var recipe: String
  public var stages: [StageReport]
  /// The run's own folder of events and metrics.
  public var logs: String

  public init(recipe: String, stages: [StageReport], logs: String) {
    self.recipe = recipe
    self.stages = stages
    self.logs = logs
  }

  /// Charts of a stage, and samples of it: a page stays one that opens at once.
  private static let charts = 16
  private static let samples = 6

  /// The page as HTML.
  public func page(store: ArtifactStore) -> String {
    let findings = stages.map { StageFindings($0, store: store, logs: logs) }
    var body: [Markup] = [.tag("h1", [:], recipe), .tag("p", ["class": "faint"], place)]
    for stage in stages {
      guard case .failed(let message) = stage.result else { continue }
      body.append(.tag("p", ["class": "failed"], "\(stage.name) failed: \(message)"))
    }
    body += [
      table, .tag("h2", [:], "What was made from what"), LineageDrawing(stages: stages).markup,
    ]
    for (stage, found) in zip(stages, findings) {
      if let report = found.report {
        body.append(.tag("h2", [:], stage.name))
        body += MarkdownExcerpt(text: report).markup
      }
    }
    for (stage, found) in zip(stages, findings) { body += section(stage, found) }
    return "<!DOCTYPE html>\n" + RunReport.document(title: recipe, body: body).serialized + "\n"
  }

  private var place: String {
    let environment = stages.compactMap(\.record).last?.environment
    let ranks = environment?["ranks"]?.int.map { "\($0) ranks" }
    let threads = environment?["threads"]?.int.map { "\($0) threads each" }
    return [environment?["host"]?.string, ranks, threads].compactMap(\.self)
      .joined(separator: " · ")
  }

  private var table: Markup {
    let header = ["stage", "kind", "result", "time", "figures", "fingerprint"]
    return .tag(
      "table", [:],
      [.tag("tr", [:], header.map { .tag("th", [:], $0) })]
        + stages.map { stage in
          .tag(
            "tr", [:],
            [
              stage.name, stage.record?.kind ?? "", stage.result.word,
              stage.record.map { Figure.duration($0.seconds) } ?? "", figures(stage),
              stage.record?.fingerprint.short ?? "",
            ].map { .tag("td", [:], $0) })
        })
  }

  private func figures(_ stage: StageReport) -> String {
    (stage.record?.summary ?? [:]).filter { $0.value.isFinite }.prefix(12).map {
      "\($0.key) \(Figure.text($0.value))"
    }.joined(separator: ", ")
  }

  private func section(_ stage: StageReport, _ found: StageFindings) -> [Markup] {
    let charts = RunReport.leading(found.curves).prefix(RunReport.charts)
      .filter { $0.points.count > 1 }
      .map { LineChart(curve: $0).markup }
    let samples = found.samples(limit: RunReport.samples)
    guard !charts.isEmpty || !samples.isEmpty || !found.warnings.isEmpty else { return [] }
    var section: [Markup] = [.tag("h2", [:], stage.name)]
    section += found.warnings.prefix(20).map { .tag("p", ["class": "warning"], $0) }
    if !charts.isEmpty { section.append(.tag("div", ["class": "charts"], charts)) }
    if !samples.isEmpty {
      section.append(
        .tag(
          "details", [:],
          [.tag("summary", [:], "samples over the run")] + samples.map(RunReport.sample)))
    }
    if let settings = stage.record?.settings {
      section.append(
        .tag(
          "details", [:],
          [
            .tag("summary", [:], "settings"),
            .tag("pre", [:], settings.serialized(.pretty)),
          ]))
    }
    return section
  }

  /// The curves that people look at first, then the others as they come.
  private static func leading(_ curves: [Curve]) -> [Curve] {
    let first = [
      "loss", "eval_loss", "reward", "rewards/margins", "rewards/accuracies", "accuracy", "margin",
      "kl", "entropy", "completions/mean_length", "grad_norm", "learning_rate",
    ]
    return first.compactMap { name in curves.first { $0.name == name } }
      + curves.filter { !first.contains($0.name) }
  }

  private static func sample(_ sample: JSON) -> Markup {
    let members = sample.object ?? ["sample": sample]
    return .tag(
      "dl", [:],
      members.flatMap { name, value -> [Markup] in
        let text = value.string ?? value.double.map(Figure.text) ?? value.serialized(.compact)
        return [.tag("dt", [:], name), .tag("dd", [:], String(text.prefix(4000)))]
      })
  }
}

extension StageReport.Result {
  var word: String {
    switch self {
    case .ran: "ran"
    case .reused: "reused"
    case .failed: "failed"
    }
  }
}
