import ArgumentParser
import Artifacts
import Pipeline
import Suggestions

struct PathOfArtifact: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "path", abstract: "Says where a stage's last result is.")

  @Argument(help: "A stage's name.")
  var stage: String

  @Option(help: "Another output than the main one: its files' paths in the store.")
  var output: String?

  @OptionGroup var options: WorkspaceOptions

  func run() throws {
    let store = try options.store()
    let record = try options.record(stage, in: store)
    guard let output, output != record.outputs.first?.name else {
      return Console.result(store.latest(recipe: record.recipe, stage: record.stage))
    }
    guard let found = record.output(named: output) else {
      throw Failure(
        .usage,
        "stage `\(stage)` has no output `\(output)`"
          + didYouMean(output, among: record.outputs.map(\.name)))
    }
    for file in found.files { Console.result("\(file.path)\t\(store.object(file.digest))") }
  }
}
