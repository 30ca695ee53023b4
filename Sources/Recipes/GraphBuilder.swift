internal import Artifacts
internal import OrderedCollections
internal import Pipeline
import Suggestions

/// From located text to a typed graph; goes on after each mistake to find the others.
struct GraphBuilder {
  let catalogue: StageCatalogue
  /// What relative paths are relative to.
  let directory: String
  let fallbackName: String
  var composites: [String: Composite] = [:]
  var problems: [RecipeDiagnostic] = []

  /// A stage as the recipe declares it.
  struct Declared {
    var name: String
    var origin: Origin
    var kind: StageKind?
    var composite: CompositeKind?
    var settings: LocatedValue
    var resolved: ResolvedSettings?
    var inputs: OrderedDictionary<String, [(source: Source, origin: Origin)]> = [:]
    var watches = Watches()

    var slots: [InputSlot] { kind?.inputs ?? composite?.inputs ?? [] }
    var outputs: [OutputSlot] { resolved?.outputs ?? kind?.outputs ?? composite?.outputs ?? [] }
    var predecessors: [String] {
      inputs.values.joined().compactMap {
        if case .stage(let name, _) = $0.source { name } else { nil }
      }
    }
  }

  init(catalogue: StageCatalogue, directory: String, fallbackName: String) {
    self.catalogue = catalogue
    self.directory = directory
    self.fallbackName = fallbackName
  }

  mutating func fail(_ message: String, at origin: Origin) {
    problems.append(RecipeDiagnostic(message, at: origin))
  }

  mutating func build(_ document: LocatedValue) -> StageGraph? {
    guard let members = document.members else {
      fail("a recipe is a mapping, found \(document.found)", at: document.origin)
      return nil
    }
    let known = ["name", "seed", "launch", "stages"]
    checkKeys(members, known, of: "a recipe")
    var rest = document
    rest.content = .mapping(members.filter { known.contains($0.key) && $0.key != "stages" })
    let (head, wrong) = SettingsReading<RecipeHead>.read(rest)
    problems += wrong.map { RecipeDiagnostic($0.message, at: $0.origin) }
    let name = head?.name ?? fallbackName
    if head != nil, !ArtifactStore.isSafe(name: name) {
      fail(
        "`\(name)` cannot name a recipe: letters, digits, '.', '_' and '-', a letter or digit first",
        at: document.member("name")?.value.origin ?? document.origin)
    }
    check(head?.launch, in: document)
    guard let stages = document.member("stages") else {
      fail("the recipe has no `stages`", at: document.origin)
      return nil
    }
    guard let entries = stages.value.members, !entries.isEmpty else {
      fail("`stages` wants a mapping from names to stages", at: stages.value.origin)
      return nil
    }
    var declared: OrderedDictionary<String, Declared> = [:]
    for entry in entries {
      if let stage = declare(entry) { declared[entry.key] = stage }
    }
    let names = entries.map(\.key)
    for stage in declared.values { checkReferences(of: stage, in: declared, names: names) }
    let ordered = order(declared)
    guard problems.allSatisfy(\.isMissingFile), let head, ordered.count == declared.count else {
      return nil
    }
    var graph = StageGraph(recipe: name, seed: head.seed, launch: head.launch, stages: [])
    graph.directory = directory
    for stage in ordered { append(stage, to: &graph) }
    return graph
  }

  private mutating func check(_ launch: Launch?, in document: LocatedValue) {
    guard let launch, let written = document.member("launch")?.value else { return }
    for (name, value) in [("ranks", launch.ranks), ("threads_per_rank", launch.threadsPerRank)]
    where !(1...4096).contains(value) {
      fail("`\(name)` is from 1 to 4096, found \(value)", at: written.origin(ofPath: name))
    }
  }

  mutating func checkKeys(_ members: [LocatedValue.Member], _ known: [String], of what: String) {
    for member in members where !known.contains(member.key) {
      fail(
        "\(what) has no key `\(member.key)`\(closing(member.key, among: known)) "
          + "Keys here: \(known.joined(separator: ", "))", at: member.keyOrigin)
    }
  }
}

/// What a recipe says beside its stages.
struct RecipeHead: StageSettings {
  var name: String?
  var seed: UInt64 = 0
  var launch = Launch()
}
