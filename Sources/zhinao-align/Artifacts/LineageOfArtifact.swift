import ArgumentParser
import Artifacts
import JSON
import Pipeline

struct LineageOfArtifact: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lineage", abstract: "Shows everything that a result was made from.")

  @Argument(help: "A stage's name, or the first digits of a run's fingerprint.")
  var stage: String

  @OptionGroup var options: WorkspaceOptions

  func run() throws {
    let store = try options.store()
    let ancestors = try store.lineage(of: try options.record(stage, in: store).fingerprint)
    if options.json {
      let runs = ancestors.map { ancestor -> JSON in
        var json = RecordDocument.whole(ancestor.record)
        json["depth"] = .integer(ancestor.depth)
        return json
      }
      return Console.result(JSON.array(runs).serialized(.pretty))
    }
    var lines: [String] = []
    for ancestor in ancestors {
      let record = ancestor.record
      let indent = String(repeating: "  ", count: ancestor.depth)
      lines.append("\(indent)\(record.stage) (\(record.kind))  \(record.fingerprint.short)")
      for input in record.inputs {
        let origin = input.producer.map { "run \($0.short)" } ?? "from outside"
        lines.append("\(indent)  \(input.slot): \(input.source)  \(input.digest.short), \(origin)")
      }
    }
    Console.result(lines.joined(separator: "\n").printable(keepingLines: true))
  }
}
