/// Runs a row's entrants in turns, A B A B, each turn a process of its own.
struct RowRun {
  let row: Row
  let places: Places
  let settings: RunSettings
  let tell: (String) -> Void

  /// The outcome; more turns are taken where too many repetitions were disturbed and such are not to count.
  func outcome(on machine: Machine) -> RowOutcome {
    let entrants = Entrant.all(of: row, on: machine).filter {
      !settings.oursOnly || $0.side == .ours
    }
    var outcome = RowOutcome(row, entrants, anyway: settings.anyway)
    do {
      for index in 0..<settings.turns * (settings.anyway ? 1 : 2) {
        if index >= settings.turns, outcome.isConclusive || outcome.isHopeless { break }
        for place in entrants.indices {
          try take(turn(index), of: place, in: &outcome)
        }
      }
    } catch {
      outcome.failure = "\(error)"
    }
    outcome.summary = RowSummary(outcome)
    return outcome
  }

  private func turn(_ index: Int) -> Turn {
    Turn(
      index: index, threads: settings.threads, repetitions: settings.repetitions, warmup: 2,
      quiet: settings.anyway ? 0 : settings.quiet, rows: settings.rows)
  }

  private func take(_ turn: Turn, of place: Int, in outcome: inout RowOutcome) throws {
    let entrant = outcome.entrants[place].entrant
    let words = entrant.command(row, turn, places)
    let said = try run(words, threads: row.threads ?? settings.threads)
    guard let line = said.split(separator: "\n").last(where: { $0.hasPrefix("{") }) else {
      throw ChildFailure(words: words, lastWords: "it printed no line of JSON")
    }
    let report = try WorkReport(line: line)
    outcome.entrants[place].add(report)
    let disturbed = report.repetitions.count { !$0.isUndisturbed }
    tell(
      "\(row.name) \(entrant.side) \(entrant.precision), turn \(turn.index + 1): "
        + "\(rounded(report.tokensPerSecond)) tokens/s, \(time(report.medianSeconds)), "
        + size(report.peakBytes) + (disturbed > 0 ? ", \(disturbed) disturbed" : ""))
  }
}

/// What a run of the table is asked for.
struct RunSettings {
  var threads: Int
  var turns: Int
  var repetitions: Int
  /// Seconds that each repetition waits for a quiet machine.
  var quiet: Double
  var anyway: Bool
  var oursOnly: Bool
  /// The file of token rows.
  var rows: String
}
