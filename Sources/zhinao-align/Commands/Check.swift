import ArgumentParser
import Pipeline
import Recipes
import Stages

/// `zhinao-align check`.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Finds every mistake in a recipe at once, and runs nothing.")

  @OptionGroup var recipe: RecipeOptions

  func run() throws {
    let graph = try recipe.graph()
    Console.result(
      "\(recipe.path): \(Amount.count(graph.stages.count, "stage")), no mistakes: "
        + graph.stages.map(\.name).joined(separator: ", "))
  }
}
