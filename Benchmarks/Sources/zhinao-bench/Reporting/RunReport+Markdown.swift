extension RunReport {
  /// The table for people.
  var markdown: String {
    var text = """
      # Benchmarks, \(date)

      \(machine.sentence). \(threads) threads. Load average \(rounded(load.first ?? 0)) before and \
      \(rounded(load.last ?? 0)) behind.
      \(versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")).


      """
    if !rows.isEmpty { text += rowTable + "\n" }
    if rows.contains(where: \.isDisturbed) {
      text +=
        "\\*: with repetitions during which the machine was at other work, too (`--anyway`).\n\n"
    }
    if rows.contains(where: { $0.name == "ragged" }) {
      text += "The rows of `ragged` are those of \(rowsFile).\n\n"
    }
    let parts = rows.compactMap(\.partLine)
    if !parts.isEmpty { text += parts.joined(separator: "\n") + "\n\n" }
    for failure in rows.compactMap(\.failureLine) { text += failure + "\n\n" }
    if let kernels { text += "## Kernels\n\n" + kernels.table + "\n" }
    return text
  }

  private var rowTable: String {
    let head = [
      "row", "ours", "peer at its best", "ratio", "asked", "memory, ours", "memory, peer", "share",
      "asked",
    ]
    let lines = [head, head.map { _ in "---" }] + rows.map(\.cells)
    return lines.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }
}

extension RowOutcome {
  fileprivate var cells: [String] {
    let (ours, peer) = (best(.ours), best(.peer))
    func memory(_ outcome: EntrantOutcome?) -> String { outcome.map { size($0.peakBytes) } ?? "" }
    return [
      "\(title) (`\(name)`)", cell(ours), hasPeer ? cell(peer) : "",
      conclusion, target.map { "≥ \(rounded($0)) ×" } ?? "", memory(ours), memory(peer),
      memoryShare.map { "\(rounded($0)) ×" } ?? "",
      memoryTarget.map { "≤ \(rounded($0)) ×" } ?? "",
    ]
  }

  private var conclusion: String {
    if failure != nil { return "failed" }
    guard hasPeer else { return isConclusive ? "" : "busy: no conclusion" }
    let mark = isDisturbed ? " \\*" : ""
    return ratio.map { "**\(rounded($0)) ×**\(mark)" } ?? "busy: no conclusion"
  }

  private func cell(_ outcome: EntrantOutcome?) -> String {
    guard let outcome else { return "–" }
    let seconds = counted(outcome).map(\.seconds)
    return "\(rounded(speed(outcome))) tokens/s, \(time(median(seconds))) "
      + "(\(time(seconds.min() ?? 0)) … \(time(seconds.max() ?? 0)); "
      + "\(outcome.entrant.precision.rawValue), \(seconds.count) of \(outcome.repetitions.count))"
  }

  /// What our step consists of.
  fileprivate var partLine: String? {
    guard let ours = best(.ours), !ours.parts.isEmpty else { return nil }
    let parts = ours.parts.sorted { $0.key < $1.key }.map { "\($0.key) \(time($0.value))" }
    return "- `\(name)`, ours: \(parts.joined(separator: ", "))"
  }

  fileprivate var failureLine: String? { failure.map { "`\(name)`: \($0)" } }
}
