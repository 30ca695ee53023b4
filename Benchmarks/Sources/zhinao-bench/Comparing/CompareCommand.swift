import ArgumentParser
import Foundation
import Kernels

/// The table: rows chosen by name, each measured on both sides in turns.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Does the same work with the library and with its peer in turns, and writes a table.",
    discussion: """
      Rows are chosen by name or by the beginning of names (`nano`, `growth`); `kernels` is one more, `all` are
      all. Where none is named it is all but the curves and the row that llama.cpp has to be built for.
      """)

  @Argument(help: "Which rows.")
  var rows: [String] = []

  @Flag(help: "Names the rows and ends.")
  var list = false

  @Option(help: "Threads of each side.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "Turns of each side, each a process of its own; at most twice as many.")
  var turns = 3

  @Option(help: "Repetitions in a turn.")
  var reps = 2

  @Option(help: "Seconds that each repetition waits for a quiet machine.")
  var quiet = 10.0

  @Flag(help: "Concludes on a busy machine as well.")
  var anyway = false

  @Flag(help: "Leaves the peer out.")
  var oursOnly = false

  @Option(
    help: "Conversations for the row `ragged`, as JSONL or JSON; default: data/nano/sft.jsonl.")
  var data: String?

  @Option(help: "Whose tokenizer turns them into tokens; default: models/nano.")
  var tokenizer: String?

  @Option(
    help: "Where models and rows are kept; default: $ZHINAO_BENCH_CACHE, ~/.cache/zhinao-bench.")
  var cache: String?

  @Option(
    help: "The peer's Python environment; default: $ZHINAO_BENCH_PYTHON, python in the cache.")
  var python: String?

  @Option(help: "Where results are written to; default: a folder of this minute in the cache.")
  var output: String?

  func run() throws {
    if list {
      for row in RowCatalogue.all { print("\(row.name): \(row.title)") }
      return print("kernels: kernels beside the best product and a copy")
    }
    let chosen = try chosenRows()
    let places = try Places(cache: cache, environment: python)
    let inputs = Inputs(places: places, tell: tell)
    try inputs.prepare(for: chosen, oursOnly: oursOnly)
    let settings = RunSettings(
      threads: threads, turns: turns, repetitions: reps, quiet: quiet, anyway: anyway,
      oursOnly: oursOnly,
      rows: try inputs.rows(for: chosen, data: data, tokenizer: tokenizer))
    let machine = Machine()
    let date = ISO8601DateFormatter().string(from: Date())
    let folder =
      output ?? "\(places.cache)/results/\(date.replacingOccurrences(of: ":", with: "-"))"
    var report = RunReport(
      date: date, machine: machine, threads: threads, versions: inputs.versions,
      load: [loadAverage()], rowsFile: data ?? "data/nano/sft.jsonl")
    if rows.isEmpty || rows.contains("kernels") || rows.contains("all") {
      report.kernels = try kernels(places)
    }
    for row in chosen {
      let outcome = RowRun(row: row, places: places, settings: settings, tell: tell)
        .outcome(on: machine)
      report.rows.append(outcome)
      for versions in outcome.entrants.map(\.versions) {
        report.versions.merge(versions) { $1 }
      }
      report.load = [report.load[0], loadAverage()]
      try report.write(to: folder)
    }
    report.load = [report.load[0], loadAverage()]
    try report.write(to: folder)
    print(report.markdown)
    tell("written to \(folder)")
  }

  private func chosenRows() throws -> [Row] {
    if rows.isEmpty { return RowCatalogue.usual }
    if rows.contains("all") { return RowCatalogue.all }
    let unknown = rows.filter { word in
      word != "kernels" && !RowCatalogue.all.contains { $0.isChosen(by: word) }
    }
    guard unknown.isEmpty else {
      let names = RowCatalogue.all.map(\.name).joined(separator: ", ")
      throw ValidationError(
        "there is no row \(unknown.joined(separator: ", ")); there are kernels, \(names)")
    }
    return RowCatalogue.all.filter { row in rows.contains { row.isChosen(by: $0) } }
  }

  private func kernels(_ places: Places) throws -> KernelReport {
    tell("kernels")
    let line = try zhinao_bench.run(
      [places.program, "kernels", "--json", "--threads", "\(threads)"]
        + (anyway ? ["--anyway"] : []))
    return try JSONDecoder().decode(KernelReport.self, from: Data(line.utf8))
  }

  private func tell(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }
}
