internal import Artifacts
internal import Glibc
internal import JSON
internal import OrderedCollections

extension Executor {
  /// Runs what has to be run, in order, and answers with a record for each stage.
  ///
  /// Throws what the first stage to fail failed by; what was finished before it stays.
  public func run(report: @Sendable (RunEvent) -> Void) async throws -> RunOutcome {
    try store.prepare()
    let started = Clock.now()
    let lock = try WorkspaceLock(workspace: store.workspace, since: started)
    defer { lock.keep() }
    let journal = try RunJournal(store: store, recipe: graph.recipe, started: started)
    tell(.opened(logs: journal.directory), journal, report)
    var progress = Progress(cache: DigestCache(contentsOf: store.cachePath))
    var outcome = RunOutcome(entries: [], logs: journal.directory)
    for node in graph.stages {
      if StopSignal.isRaised { throw PipelineError.interrupted(stage: node.name) }
      let gathered = try gather(node, &progress)
      let decision = try decide(node, gathered, &progress)
      try store.noteLast(recipe: graph.recipe, stage: node.name, key: decision.key.json)
      let record: RunRecord
      if let known = decision.record {
        record = known
        tell(.reused(stage: node.name, record: record), journal, report)
      } else {
        record = try await make(node, gathered, decision, &progress, journal, report)
        tell(.finished(stage: node.name, record: record), journal, report)
      }
      progress.records[node.name] = record
      if let main = record.outputs.first {
        try store.updateLatest(recipe: graph.recipe, stage: node.name, output: main)
      }
      outcome.entries.append(
        .init(stage: node.name, record: record, wasReused: decision.record != nil))
      try progress.cache.save(to: store.cachePath)
      try Executor.checkGates(of: node, record) { warning in
        tell(.stage(node.name, .warning(warning)), journal, report)
      }
    }
    try showComposites(progress)
    return outcome
  }

  private func showComposites(_ progress: Progress) throws {
    for (name, source) in graph.aliases {
      guard case .stage(let stage, let output) = source, let record = progress.records[stage],
        let main = Executor.output(output, of: record)
      else { continue }
      try store.updateLatest(recipe: graph.recipe, stage: name, output: main)
    }
  }

  private func tell(
    _ event: RunEvent, _ journal: RunJournal, _ report: @Sendable (RunEvent) -> Void
  ) {
    journal.note(event)
    report(event)
  }

  private func make(
    _ node: StageNode, _ gathered: Gathered, _ decision: Decision, _ progress: inout Progress,
    _ journal: RunJournal, _ report: @Sendable (RunEvent) -> Void
  ) async throws -> RunRecord {
    tell(
      .started(
        stage: node.name, kind: node.kind.name, action: decision.action,
        reasons: decision.reasons), journal, report)
    let began = Clock.seconds()
    let started = Clock.now()
    let fingerprint = decision.key.fingerprint
    let order = try prepare(node, gathered, fingerprint, progress)
    let work = store.work(fingerprint)
    let metrics = MetricsLog(stage: node.name, work: work, journal: journal)
    var summary: OrderedDictionary<String, Double> = [:]
    var peak: Int?
    var watch = StageWatch(node)
    do {
      try watch.take(earlier: metrics.earlierSteps)
      try await runner.run(order, kind: node.kind, log: "\(work)/log.txt") { event in
        try metrics.take(event)
        switch event {
        case .summary(let figures): summary.merge(figures) { _, last in last }
        case .memory(let bytes): peak = bytes
        case .profile(let profile): journal.keep(profile, of: node.name)
        default: break
        }
        tell(.stage(node.name, event), journal, report)
        for warning in try watch.take(event) {
          tell(.stage(node.name, .warning(warning)), journal, report)
        }
      }
    } catch {
      let error = Executor.named(error, node.name)
      tell(.failed(stage: node.name, message: "\(error)"), journal, report)
      throw error
    }
    try checkUnchanged(node, gathered, &progress, work: work)
    let record = RunRecord(
      key: decision.key.json, recipe: graph.recipe, stage: node.name,
      settings: node.settings.all, inputs: gathered.records, summary: summary, started: started,
      seconds: Clock.seconds() - began,
      environment: [
        "host": .string(hostName()), "ranks": .integer(order.ranks),
        "threads": .integer(order.threads), "logs": .string(journal.directory),
        "peak_memory": peak.map { .integer($0) } ?? .null,
      ])
    try metrics.finish(keepingAt: "\(store.runs)/\(fingerprint.hex).metrics.jsonl")
    let folders = try node.settings.outputs.compactMap { slot -> ArtifactStore.Folder? in
      guard let path = order.outputs[slot.name] else { return nil }
      if slot.isOptional, try Files.names(in: path).isEmpty { return nil }
      return .init(name: slot.name, kind: slot.kind, path: path)
    }
    return try store.publish(folders, as: record, cache: &progress.cache)
  }

  private static func named(_ error: any Error, _ stage: String) -> any Error {
    error is Interrupted ? PipelineError.interrupted(stage: stage) : error
  }

  /// Lays out a stage's inputs and empties its outputs; what it saved of itself stays.
  private func prepare(
    _ node: StageNode, _ gathered: Gathered, _ fingerprint: Digest, _ progress: Progress
  ) throws -> WorkOrder {
    let work = Executor.absolute(store.work(fingerprint))
    try Files.makeDirectory("\(work)/state")
    for name in ["inputs", "outputs"] { try Files.remove("\(work)/\(name)") }
    var order = WorkOrder(
      kind: node.kind.name, stage: node.name, settings: node.settings.all, inputs: [:],
      digests: gathered.digests.mapValues { $0.map(\.hex) }, outputs: [:], work: "\(work)/state",
      seed: graph.seed,
      ranks: node.kind.usesRanks ? graph.launch.ranks : 1, threads: graph.launch.threadsPerRank)
    order.directory = Executor.absolute(graph.directory)
    order.isProfiled = isProfiled
    for (slot, sources) in node.inputs {
      for (index, source) in sources.enumerated() {
        switch source {
        case .path(let path): order.inputs[slot, default: []].append(Executor.absolute(path))
        case .stage(let name, let output), .sibling(let name, let output):
          guard let record = progress.records[name], let made = Executor.output(output, of: record)
          else { throw PipelineError.noOutput(name: source.written) }
          let path = "\(work)/inputs/\(slot)/\(index + 1)"
          try store.materialize(made.files, at: path)
          order.inputs[slot, default: []].append(path)
        }
      }
    }
    for slot in node.settings.outputs {
      order.outputs[slot.name] = "\(work)/outputs/\(slot.name)"
      try Files.makeDirectory("\(work)/outputs/\(slot.name)")
    }
    let text = order.json.serialized(.pretty) + "\n"
    try Files.replace("\(work)/order.json", with: Array(text.utf8), durably: false)
    return order
  }

  /// A result of inputs that changed meanwhile belongs to no fingerprint: it is not kept.
  private func checkUnchanged(
    _ node: StageNode, _ gathered: Gathered, _ progress: inout Progress, work: String
  ) throws {
    let after: Gathered?
    do { after = try gather(node, &progress) } catch is ArtifactError { after = nil }
    if let after, after.records == gathered.records { return }
    let changed = zip(gathered.records, after?.records ?? []).first { $0 != $1 }?.0
    try Files.remove(work)
    throw PipelineError.inputChanged(
      stage: node.name, input: changed?.source ?? gathered.records.first?.source ?? "an input")
  }

  static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let current = getcwd(nil, 0) else { return path }
    defer { free(current) }
    return "\(String(cString: current))/\(path)"
  }
}
