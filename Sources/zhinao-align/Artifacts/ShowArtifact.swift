import ArgumentParser
import Artifacts
import JSON
import OrderedCollections
import Pipeline

struct ShowArtifact: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows what a run read, how it was set, and what it made.")

  @Argument(help: "A stage's name, or the first digits of a run's fingerprint.")
  var stage: String

  @OptionGroup var options: WorkspaceOptions

  func run() throws {
    let record = try options.record(stage, in: try options.store())
    if options.json {
      return Console.result(RecordDocument.whole(record).serialized(.pretty))
    }
    var lines = [
      "\(record.stage) of \(record.recipe): \(record.kind), revision \(record.revision)",
      "run       \(record.fingerprint.hex)",
      "started   \(record.started), took \(Amount.duration(record.seconds))", "inputs",
    ]
    lines += record.inputs.map { "  \($0.slot): \($0.source)  \($0.digest.short)" }
    lines.append("outputs")
    lines += record.outputs.map { output in
      "  \(output.name): \(output.kind.rawValue), \(Amount.count(output.files.count, "file")), "
        + "\(Amount.bytes(output.size))  \(output.digest.short)"
    }
    if !record.summary.isEmpty { lines.append("figures") }
    lines += record.summary.map { "  \($0.key): \(Amount.figure($0.value))" }
    lines.append("settings")
    for (name, value) in record.settings.object ?? [:] where !value.isNull {
      lines.append("  \(name): \(value.serialized())")
    }
    Console.result(lines.joined(separator: "\n").printable(keepingLines: true))
  }
}
