public import Artifacts
internal import JSON
internal import OrderedCollections

/// Runs a graph's stages, each once: reuses what is there, resumes what was interrupted.
public struct Executor: Sendable {
  public let graph: StageGraph
  public let store: ArtifactStore
  let runner: any StageRunner
  let numerics: @Sendable (StageNode) -> String
  /// Whether each stage is to tell what its time went into; the journal's `profile.json` holds it.
  public var isProfiled = false

  /// `numerics` names the class of kernels that a stage computes with (instruction set, library): results
  /// may differ between classes in their last bits, so an artifact of another class is another artifact.
  public init(
    graph: StageGraph, store: ArtifactStore, runner: any StageRunner,
    numerics: @escaping @Sendable (StageNode) -> String
  ) {
    self.graph = graph
    self.store = store
    self.runner = runner
    self.numerics = numerics
  }

  /// The records of the stages so far, and the digests known.
  struct Progress {
    var records: [String: RunRecord] = [:]
    var cache: DigestCache
  }

  /// What a stage reads: digests for its key, and where each came from.
  struct Gathered {
    var digests: OrderedDictionary<String, [Digest]> = [:]
    var records: [RunRecord.Input] = []
    /// Stages whose output is not known yet.
    var waiting: [String] = []
  }

  func gather(_ node: StageNode, _ progress: inout Progress) throws -> Gathered {
    var gathered = Gathered()
    for (slot, sources) in node.inputs {
      for source in sources {
        var producer: Digest?
        let digest: Digest
        switch source {
        case .path(let path): digest = try progress.cache.digest(of: path)
        case .stage(let name, let output), .sibling(let name, let output):
          guard let record = progress.records[name] else {
            gathered.waiting.append(name)
            continue
          }
          guard let found = Executor.output(output, of: record) else {
            throw PipelineError.noOutput(name: source.written)
          }
          producer = record.fingerprint
          digest = found.digest
        }
        gathered.digests[slot, default: []].append(digest)
        gathered.records.append(
          .init(slot: slot, source: source.written, digest: digest, producer: producer))
      }
    }
    return gathered
  }

  static func output(_ name: String?, of record: RunRecord) -> RunRecord.Output? {
    name.map { record.output(named: $0) } ?? record.outputs.first
  }

  /// What is to be done for a stage whose inputs are known.
  struct Decision {
    var action: RunPlan.Action
    var reasons: [String]
    var key: StageKey
    var record: RunRecord?
  }

  func decide(_ node: StageNode, _ gathered: Gathered, _ progress: inout Progress) throws
    -> Decision
  {
    let key = StageKey(
      node: node, inputs: gathered.digests, seed: graph.seed, numerics: numerics(node))
    var reasons: [String] = []
    do {
      if let record = try store.record(key.fingerprint) {
        let damage = try store.damage(of: record, cache: &progress.cache)
        if damage.isEmpty {
          return Decision(action: .reuse, reasons: [], key: key, record: record)
        }
        reasons = damage.map(\.description)
      }
    } catch let error as ArtifactError {
      guard case .badRecord = error else { throw error }
      reasons = [error.description]
    }
    if reasons.isEmpty { reasons = self.reasons(for: node, key) }
    let work = store.work(key.fingerprint)
    let isBegun = try !Files.names(in: "\(work)/state").isEmpty
    let step = (try? Files.read("\(work)/checkpoint", limit: 64))
      .flatMap { Int(String(decoding: $0, as: UTF8.self)) }
    return Decision(
      action: isBegun ? .resume(step: step) : .run,
      reasons: isBegun ? ["interrupted" + (step.map { " after step \($0)" } ?? "")] : reasons,
      key: key)
  }

  private func reasons(for node: StageNode, _ key: StageKey) -> [String] {
    guard let last = store.lastKey(recipe: graph.recipe, stage: node.name) else {
      return ["never run"]
    }
    let changes = KeyChange.between(last, and: key.json).map(\.description)
    return changes.isEmpty ? ["not finished"] : changes
  }

  /// What a run would do, without doing it.
  public func plan() throws -> RunPlan {
    var progress = Progress(cache: DigestCache(contentsOf: store.cachePath))
    var entries: [RunPlan.Entry] = []
    for node in graph.stages {
      let gathered = try gather(node, &progress)
      var entry = RunPlan.Entry(
        stage: node.name, kind: node.kind.name, action: .run,
        reasons: gathered.waiting.map { "$\($0) runs first" }, fingerprint: nil, estimate: nil)
      if gathered.waiting.isEmpty {
        let decision = try decide(node, gathered, &progress)
        entry.action = decision.action
        entry.reasons = decision.reasons
        entry.fingerprint = decision.key.fingerprint
        progress.records[node.name] = decision.record
      } else if let last = store.lastKey(recipe: graph.recipe, stage: node.name) {
        let own = KeyChange.between(last, and: keyWithoutInputs(node, like: last))
        entry.reasons += own.map(\.description)
      }
      if entry.action != .reuse { entry.estimate = try estimate(node) }
      entries.append(entry)
    }
    return RunPlan(entries: entries)
  }

  private func estimate(_ node: StageNode) throws -> StageEstimate? {
    let order = WorkOrder(
      kind: node.kind.name, stage: node.name, settings: node.settings.all, inputs: paths(of: node),
      outputs: [:], work: store.workspace, seed: graph.seed,
      ranks: node.kind.usesRanks ? graph.launch.ranks : 1, threads: graph.launch.threadsPerRank)
    do {
      return try node.kind.estimate(node.settings.all, StageContext(order: order) { _ in })
    } catch let error as BadInput {
      throw BadInput("stage `\(node.name)`: \(error.message)")
    }
  }

  /// The key with the last run's inputs, so that a stage's own changes can be told from those above.
  private func keyWithoutInputs(_ node: StageNode, like last: JSON) -> JSON {
    var key = StageKey(node: node, inputs: [:], seed: graph.seed, numerics: numerics(node)).json
    key["inputs"] = last["inputs"]
    return key
  }

  /// The paths of the inputs that exist before the run, and of those already made.
  private func paths(of node: StageNode) -> OrderedDictionary<String, [String]> {
    var paths: OrderedDictionary<String, [String]> = [:]
    for (slot, sources) in node.inputs {
      for source in sources {
        guard let path = path(of: source, slot: slot) else { continue }
        paths[slot, default: []].append(path)
      }
    }
    return paths
  }

  /// Where an input is, or what stands for its shape until it is made: a stage's model is as large as
  /// the model that the stage starts from.
  private func path(of source: Source, slot: String) -> String? {
    switch source {
    case .path(let path): return path
    case .stage(let name, let output), .sibling(let name, let output):
      let latest = store.latest(recipe: graph.recipe, stage: name)
      if output == nil, Files.exists(latest) { return latest }
      guard let inputs = graph.stage(name)?.inputs else { return nil }
      return (inputs[slot] ?? inputs.values.first)?.first.flatMap { path(of: $0, slot: slot) }
    }
  }
}
