import ArgumentParser
import Artifacts
import Pipeline
import Suggestions

/// `zhinao-align artifacts`.
struct Artifacts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "artifacts", abstract: "Shows what a workspace holds, and where it comes from.",
    subcommands: [
      ListArtifacts.self, PathOfArtifact.self, ShowArtifact.self, VerifyArtifacts.self,
      WhyArtifact.self, LineageOfArtifact.self, CollectArtifacts.self,
    ])

  static var names: [String] { configuration.subcommands.map { $0._commandName } }
}

/// The workspace, and which of its recipes is meant.
struct WorkspaceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Where the results are kept.", valueName: "folder"))
  var workspace = "./workspace"

  @Option(help: "The recipe's name, where several have been run.")
  var recipe: String?

  @Flag(help: "Writes JSON.")
  var json = false

  func store() throws -> ArtifactStore {
    guard Files.exists("\(workspace)/runs") else {
      throw Failure(.noInput, "\(workspace) is no workspace: nothing has been run there yet")
    }
    return ArtifactStore(workspace: workspace)
  }

  /// The recipe that a stage belongs to: the one named, or the only one that has such a stage.
  func recipe(of stage: String, in store: ArtifactStore) throws -> String {
    let recipes = try store.recipes()
    if let recipe {
      guard recipes.contains(recipe) else {
        throw Failure(
          .noInput, "no recipe `\(recipe)` was run here\(didYouMean(recipe, among: recipes))")
      }
      return recipe
    }
    let candidates = recipes.filter { known($0, store).contains(stage) }
    guard let first = candidates.first else {
      let names = recipes.flatMap { known($0, store) }
      throw Failure(.noInput, "no stage `\(stage)` was run here\(didYouMean(stage, among: names))")
    }
    guard candidates.count == 1 else {
      throw Failure(
        .usage,
        "several recipes have a stage `\(stage)`: say --recipe "
          + candidates.joined(separator: " or --recipe "))
    }
    return first
  }

  private func known(_ recipe: String, _ store: ArtifactStore) -> [String] {
    store.stages(of: recipe)
  }

  /// The record of a stage's last finished run, or of a fingerprint's first digits.
  func record(_ name: String, in store: ArtifactStore) throws -> RunRecord {
    let isHex = name.count >= 6 && name.allSatisfy(\.isHexDigit)
    if isHex, let record = try store.record(startingWith: name) { return record }
    let recipe = try recipe(of: name, in: store)
    if let record = try store.lastRecord(recipe: recipe, stage: name) { return record }
    throw Failure(.noInput, "stage `\(name)` of \(recipe) has not finished yet")
  }
}
