import Artifacts
import JSON
import Pipeline
import Recipes
import Stages

/// Which recipe a workspace was run with, so that `artifacts why` needs no more than a stage.
struct RememberedRecipe {
  var file: String
  var changes: [String]

  init(_ options: RecipeOptions) {
    file = options.path
    changes = options.changes
  }

  private static func path(_ recipe: String, _ store: ArtifactStore) -> String {
    "\(store.workspace)/recipes/\(recipe).json"
  }

  func save(for recipe: String, in store: ArtifactStore) throws {
    let path = RememberedRecipe.path(recipe, store)
    try Files.makeDirectory(Files.directory(of: path))
    let text: JSON = ["file": .string(file), "set": .array(changes.map { .string($0) })]
    try Files.replace(path, with: Array((text.serialized(.pretty) + "\n").utf8), durably: false)
  }

  /// What was saved for a recipe; nil where nothing was, or where the file is gone.
  init?(recipe: String, in store: ArtifactStore) {
    guard
      let bytes = try? Files.read(RememberedRecipe.path(recipe, store), limit: 1 << 20),
      let json = try? JSON(parsing: bytes), let file = json["file"]?.string, Files.exists(file)
    else { return nil }
    self.file = file
    changes = (json["set"]?.array ?? []).compactMap(\.string)
  }

  func graph() throws -> StageGraph {
    try Recipe(file: file, changes: changes).graph(stageCatalogue)
  }
}
