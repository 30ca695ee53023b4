import ArgumentParser
import Artifacts
import JSON
import Kernels
import Pipeline
import Recipes
import Stages

struct WhyArtifact: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Says, field by field, why a stage will run again.")

  @Argument(help: "A stage's name.")
  var stage: String

  @Argument(help: "The recipe's file. [default: the one that the workspace was last run with]")
  var file: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("A change of the recipe, as for `run`.", valueName: "path=value"))
  var changes: [String] = []

  @OptionGroup var options: WorkspaceOptions

  func run() throws {
    let store = try options.store()
    let graph = try graph(store)
    let plan = try Executor(
      graph: graph, store: store, runner: Launcher(launch: graph.launch),
      numerics: \.kernelClass
    ).plan()
    let entries = plan.entries.filter { $0.stage == stage || $0.stage.hasPrefix(stage + "/") }
    guard !entries.isEmpty else {
      throw PipelineError.unknownStage(stage, known: graph.stages.map(\.name))
    }
    if options.json {
      return Console.result(JSON.array(entries.map(RunDocument.planned)).serialized(.pretty))
    }
    for entry in entries {
      switch entry.action {
      case .reuse: Console.result("\(entry.stage): nothing changed; its result is used again")
      case .resume, .run:
        let word = entry.action == .run ? "runs" : "goes on"
        Console.result("\(entry.stage) \(word):")
        for reason in entry.reasons { Console.result("  \(reason.printable())") }
      }
    }
  }

  private func graph(_ store: ArtifactStore) throws -> StageGraph {
    if let file { return try Recipe(file: file, changes: changes).graph(stageCatalogue) }
    let recipe = try options.recipe(of: stage, in: store)
    guard var remembered = RememberedRecipe(recipe: recipe, in: store) else {
      throw Failure(
        .usage, "the file of \(recipe) is not known here; say it: artifacts why \(stage) RECIPE")
    }
    remembered.changes += changes
    return try remembered.graph()
  }
}
