import ArgumentParser
import Pipeline
import Recipes
import Stages

/// A recipe, and what the command line changes in it.
struct RecipeOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The recipe's YAML file.", valueName: "recipe"))
  var path: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Changes a value of the recipe: stages.dpo.with.beta=0.3. May be given again.",
      valueName: "path=value"))
  var changes: [String] = []

  /// The typed graph, or every mistake at once.
  func graph() throws -> StageGraph {
    try Recipe(file: path, changes: changes).graph(stageCatalogue)
  }
}
