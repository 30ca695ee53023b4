import Artifacts
import Collectives
import Merging
import OrderedCollections
public import Pipeline
import Suggestions

/// One model of several, by a merge method over their weights.
public enum MergeStage: Stage {
  public typealias Settings = MergeSettings

  public static let kind = "merge"
  // 3: a model card that says more, the tokenizer and template that a configuration chooses.
  public static let revision = 3
  public static let inputs = [
    InputSlot("models", .model, arity: .list), InputSlot("base", .model, arity: .optional),
    InputSlot("config", .dataset, arity: .optional),
  ]
  public static let outputs = [OutputSlot("model", .model)]
  public static let usesRanks = true

  public static func validate(_ settings: Settings) -> [SettingProblem] { settings.problems() }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let models = context.inputs("models")
    let base = context.optionalInput("base")
    try check(settings, models)
    let session = try TrainingSession(context)
    let names = settings.names ?? models.indices.map(MergeLinks.model)
    try session.onFirst {
      try MergeLinks.make(in: context.work, models: models, base: base, names: names)
    }
    let graph = try graph(
      settings, context, known: names + (base == nil ? [] : [MergeLinks.base]))
    for note in graph.notes { session.report(.warning(note)) }
    var plan = graph.plan
    if session.isFirst {
      plan.digests = try WeightDigests.of(
        names + (base == nil ? [] : [MergeLinks.base]), models + (base.map { [$0] } ?? []))
    }
    try make(plan, session)
    try session.onFirst {
      let proof = try MergeProof(path: context.output("model"), compute: session.compute)
      if let note = proof.note { session.report(.note(note)) }
    }
    session.report(
      .summary(["models": Double(models.count), "tensors": Double(plan.tensors.count)]))
    try session.close()
  }

  /// Every rank makes its share of the tensors.
  ///
  /// What an interruption leaves is in the stage's own folder, and is gone on with.
  private static func make(_ plan: MergePlan, _ session: TrainingSession) throws {
    let context = session.context
    let (output, partial) = (try context.output("model"), "\(context.work)/merge")
    var opened: MergeSession?
    try session.onFirst {
      opened = try MergeSession(plan, output: output, partial: partial)
    }
    let merge = try opened ?? MergeSession(joining: plan, output: output, partial: partial)
    var failure: (any Error)?
    do {
      let share = MergeShare(rank: session.communicator.rank, of: session.communicator.size)
      try merge.make(share, threads: context.threads) { progress in
        if context.shouldStop { throw Interrupted() }
        session.report(.progress("tensors", done: progress.done, of: progress.total))
      }
    } catch {
      failure = error
    }
    // One rank's failure ends all of them here, rather than leave the others waiting.
    let state = try session.communicator.maximum(failure == nil ? 0 : 1)
    if let failure { throw failure }
    if state > 0 { throw Interrupted() }
    try session.onFirst { try merge.finish() }
  }

  private static func graph(
    _ settings: Settings, _ context: StageContext, known: [String]
  ) throws -> MergeGraph {
    let (yaml, file) = try configuration(settings, context)
    do {
      for path in try MergeGraph.paths(yaml: yaml, file: file)
      where !known.contains(path) && !known.contains(where: { path.hasPrefix($0 + "+") }) {
        throw BadInput(
          "the configuration names \(path), which is no input: name it under `models`, so that it is "
            + "known when it changes; there is \(known.joined(separator: ", "))"
            + didYouMean(path, among: known))
      }
      return try MergeGraph(yaml: yaml, file: file, relativeTo: context.work)
    } catch let error as MergeError {
      throw BadInput("\(error)")
    }
  }

  /// mergekit's YAML: the input's, the settings', or what the settings come to.
  private static func configuration(
    _ settings: Settings, _ context: StageContext
  ) throws -> (yaml: String, file: String?) {
    if let path = context.optionalInput("config") {
      guard settings == Settings() || settings.names != nil else {
        throw BadInput("the input `config` says everything itself: only `names` goes beside it")
      }
      return (String(decoding: try Files.read(path, limit: 1 << 20), as: UTF8.self), path)
    }
    switch settings.config {
    case .text(let text)?: return (text, "config")
    case let table?: return (table.yaml, "config")
    case nil:
      return (
        settings.configuration(
          modelCount: context.inputs("models").count,
          hasBase: context.optionalInput("base") != nil, seed: context.seed), nil
      )
    }
  }

  private static func check(_ settings: Settings, _ models: [String]) throws {
    guard !models.isEmpty else {
      throw BadInput(
        "there is nothing to merge: `models` is empty, where two or more would be right")
    }
    let counts: [(count: Int?, what: String)] = [
      (settings.weights?.count, "weights"), (settings.density?.count, "densities"),
      (settings.names?.count, "names"),
    ]
    for (count, what) in counts {
      guard let count, count != models.count else { continue }
      throw BadInput(
        "there are \(models.count) models and \(count) \(what), where one each would be right")
    }
  }
}
