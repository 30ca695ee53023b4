public import JSON
internal import OrderedCollections

extension ArtifactStore {
  /// A run among those that led to another, with how many steps back it stands.
  public struct Ancestor: Sendable {
    public var record: RunRecord
    public var depth: Int
  }

  /// A run and all runs it came from, each once, nearest first; inputs without a producer are the
  /// raw material.
  public func lineage(of fingerprint: Digest) throws -> [Ancestor] {
    var found: [Ancestor] = []
    var seen: Set<Digest> = []
    var level = [fingerprint]
    var depth = 0
    while !level.isEmpty {
      var next: [Digest] = []
      for digest in level where seen.insert(digest).inserted {
        guard let record = try record(digest) else { continue }
        found.append(Ancestor(record: record, depth: depth))
        next += record.inputs.compactMap(\.producer)
      }
      level = next
      depth += 1
    }
    return found
  }

  // What each stage of a recipe last was: kept so that a changed field can be named.

  private func indexPath(_ recipe: String) -> String { "\(workspace)/index/\(recipe).json" }

  private func index(_ recipe: String) -> OrderedDictionary<String, JSON> {
    guard let bytes = try? Files.read(indexPath(recipe), limit: 1 << 28) else { return [:] }
    return (try? JSON(parsing: bytes))?.object ?? [:]
  }

  /// The key under which a stage of a recipe last began, whether or not it came to an end.
  public func lastKey(recipe: String, stage: String) -> JSON? { index(recipe)[stage] }

  /// The stages of a recipe that have begun, in the order they first did.
  public func stages(of recipe: String) -> [String] { Array(index(recipe).keys) }

  /// The recipes that have begun in this workspace, sorted.
  public func recipes() throws -> [String] {
    try Files.names(in: "\(workspace)/index").filter { $0.hasSuffix(".json") }
      .map { String($0.dropLast(5)) }
  }

  /// The record of a stage's last finished run under its last key.
  public func lastRecord(recipe: String, stage: String) throws -> RunRecord? {
    guard let key = lastKey(recipe: recipe, stage: stage) else { return nil }
    return try record(RunRecord.fingerprint(ofKey: key))
  }

  public func noteLast(recipe: String, stage: String, key: JSON) throws {
    try ArtifactStore.check(stage: stage, recipe: recipe)
    var entries = index(recipe)
    guard entries[stage] != key else { return }
    entries[stage] = key
    let text = JSON.object(entries).serialized(.pretty)
    try Files.replace(indexPath(recipe), with: Array(text.utf8))
  }
}
