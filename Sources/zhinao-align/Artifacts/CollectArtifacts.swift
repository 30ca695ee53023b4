import ArgumentParser
import Artifacts
import JSON
import OrderedCollections
import Pipeline

struct CollectArtifacts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Removes what nothing needs: unclaimed objects, stale work.")

  @Flag(help: "Also removes the results of runs that newer ones have replaced.")
  var superseded = false

  @Flag(help: "Says what would be removed, and removes nothing.")
  var dryRun = false

  @OptionGroup var options: WorkspaceOptions

  func run() throws {
    let store = try options.store()
    let lock = try WorkspaceLock(workspace: store.workspace, since: "a clean-up")
    defer { lock.keep() }
    let freed = try store.collectGarbage(keeping: try kept(store), isRehearsal: dryRun)
    if options.json {
      return Console.result(
        JSON.object(["bytes": .integer(freed), "removed": .bool(!dryRun)]).serialized())
    }
    Console.result("\(Amount.bytes(freed)) \(dryRun ? "would be" : "were") freed")
  }

  /// Every finished run (or only the last ones and what they were made from), and the work that the
  /// last runs have begun.
  private func kept(_ store: ArtifactStore) throws -> Set<Digest> {
    var kept: Set<Digest> = superseded ? [] : Set(try store.fingerprints())
    for recipe in try store.recipes() {
      for stage in store.stages(of: recipe) {
        guard let key = store.lastKey(recipe: recipe, stage: stage) else { continue }
        let fingerprint = RunRecord.fingerprint(ofKey: key)
        kept.insert(fingerprint)
        kept.formUnion(try store.lineage(of: fingerprint).map(\.record.fingerprint))
      }
    }
    return kept
  }
}
