import ArgumentParser
import Artifacts
import JSON
import Pipeline

struct ListArtifacts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists every finished run of a stage.")

  @OptionGroup var options: WorkspaceOptions

  func run() throws {
    let store = try options.store()
    let (all, damaged) = try store.records()
    for error in damaged { Console.talk("\(Paint.yellow("warning:")) \("\(error)".printable())") }
    let records = all.filter { options.recipe == nil || $0.recipe == options.recipe }
    if options.json {
      return Console.result(JSON.array(records.map(RecordDocument.brief)).serialized(.pretty))
    }
    var table = Table(
      ["recipe", "stage", "kind", "run", "size", "time", "started"], rightAligned: [4, 5])
    table.rows = records.map { record in
      [
        record.recipe, record.stage, record.kind, record.fingerprint.short,
        Amount.bytes(record.outputs.reduce(0) { $0 + $1.size }), Amount.duration(record.seconds),
        record.started,
      ]
    }
    Console.result(table.text)
  }
}
