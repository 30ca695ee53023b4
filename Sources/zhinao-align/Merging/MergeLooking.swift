import ArgumentParser
import Artifacts
import JSON
import Merging
import Pipeline

/// Looking at a merge instead of making it.
struct MergeLooking: ParsableArguments {
  @Flag(help: "Says what would be done: every tensor's parameters, bytes, memory, time.")
  var plan = false

  @Flag(help: "Measures how the models differ, layer by layer; nothing is written.")
  var inspect = false

  @Flag(help: "With --plan or --inspect: one JSON document.")
  var json = false

  @Option(
    help: ArgumentHelp("With --inspect: draws the figures as SVG into a file.", valueName: "file"))
  var heatMap: String?

  var isWanted: Bool { plan || inspect }

  func validateTogether() throws {
    if plan, inspect { throw ValidationError("--plan and --inspect are two questions: ask one") }
    if json, !isWanted { throw ValidationError("--json goes with --plan or --inspect") }
    if heatMap != nil, !inspect { throw ValidationError("--heat-map goes with --inspect") }
  }

  func run(_ graph: MergeGraph) throws {
    if plan {
      let report = try graph.plan.report()
      Console.result(json ? report.json.serialized(.pretty) : MergeLooking.text(report))
      return
    }
    var line = StatusLine()
    let inspection = try graph.plan.inspection { progress in
      guard Console.isLive else { return }
      line.show(
        " ▶ inspect  \(progress.done)/\(progress.total)  \(progress.tensor)", now: .now,
        isUrgent: false)
    }
    line.clear()
    if let heatMap {
      try Files.replace(heatMap, with: Array(HeatMap(inspection).svg.utf8))
      Console.talk("\(heatMap): a picture of it")
    }
    Console.result(json ? inspection.json.serialized(.pretty) : MergeLooking.text(inspection))
  }

  static func text(_ report: PlanReport) -> String {
    var lines: [String] = []
    for row in report.rows {
      let parameters = row.parameters.map { name, values in
        "\(name) \(values.map(short).joined(separator: ", "))"
      }
      let shape = row.shape.map { "\($0)" }.joined(separator: " × ")
      lines.append(
        "\(row.name.printable())  [\(shape)] \(row.elementType)  \(parameters.joined(separator: "; "))"
      )
    }
    if let vocabulary = report.vocabulary {
      lines.append("")
      lines.append(
        "vocabulary: \(vocabulary.tokenCount) tokens in \(vocabulary.rowCount) rows; in new places: "
          + zip(vocabulary.models, vocabulary.movedCounts).map { "\($1) of \($0)" }
          .joined(separator: ", "))
      let shown = vocabulary.decisions.prefix(40)
      for decision in shown {
        lines.append(
          "  \(decision.id) \(decision.token.printable()): "
            + zip(vocabulary.models, decision.sources).map { "\($0): \($1)" }
            .joined(separator: "; "))
      }
      if vocabulary.decisions.count > shown.count {
        lines.append("  and \(vocabulary.decisions.count - shown.count) more; --json has all")
      }
    }
    lines.append("")
    lines.append(
      "\(report.method) of \(report.models.map { $0.printable() }.joined(separator: ", ")): "
        + "\(report.rows.count) tensors, \(report.parameterCount) parameters")
    lines.append(
      "reads \(Amount.bytes(report.bytesRead)), writes \(Amount.bytes(report.bytesWritten)), in at most "
        + Amount.bytes(report.memory) + " of memory"
        + (report.seconds.map { ", in about \(short($0)) s of one core" } ?? ""))
    return lines.joined(separator: "\n")
  }

  static func text(_ inspection: MergeInspection) -> String {
    var lines = ["changes from \(inspection.base.printable())"]
    for (index, model) in inspection.models.enumerated() {
      lines.append(
        "  \(index + 1): \(model.printable()), trimmed to \(short(inspection.densities[index]))")
    }
    lines.append("")
    for layer in inspection.layers {
      let shares = layer.norms.map { layer.baseNorm > 0 ? short($0 / layer.baseNorm) : "–" }
      var parts = ["‖δ‖/‖θ₀‖ \(shares.joined(separator: " "))"]
      if !layer.cosines.isEmpty {
        let cosines = zip(inspection.pairs, layer.cosines).map { pair, cosine in
          "\(pair.first + 1)·\(pair.second + 1) \(short(cosine))"
        }
        parts.append("cos \(cosines.joined(separator: " "))")
        parts.append("sign conflicts \(short(layer.conflict))")
      }
      parts.append("left by trimming \(layer.trimmed.map(short).joined(separator: " "))")
      parts.append("and by election \(layer.elected.map(short).joined(separator: " "))")
      lines.append("\(layer.name): \(parts.joined(separator: "; "))")
    }
    return lines.joined(separator: "\n")
  }

  /// Three places.
  static func short(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "\(value)" }
    let scale = abs(value) >= 0.01 || value == 0 ? 1000.0 : 1e6
    return "\((value * scale).rounded() / scale)"
  }
}
