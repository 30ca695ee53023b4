import Artifacts
import Kernels
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

  public static func validate(_ settings: Settings) -> [SettingProblem] { settings.problems() }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let models = context.inputs("models")
    let base = context.optionalInput("base")
    try check(settings, models)
    let names = settings.names ?? models.indices.map(MergeLinks.model)
    try MergeLinks.make(in: context.work, models: models, base: base, names: names)
    let graph = try graph(
      settings, context, known: names + (base == nil ? [] : [MergeLinks.base]))
    for note in graph.notes { context.report(.warning(note)) }
    var plan = graph.plan
    plan.digests = try WeightDigests.of(
      names + (base == nil ? [] : [MergeLinks.base]), models + (base.map { [$0] } ?? []))
    let output = try context.output("model")
    try plan.execute(output: output) { progress in
      context.report(.progress("tensors", done: progress.done, of: progress.total))
    }
    let proof = try MergeProof(path: output, compute: Compute(threads: context.threads))
    if let note = proof.note { context.report(.note(note)) }
    context.report(
      .summary(["models": Double(models.count), "tensors": Double(plan.tensors.count)]))
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
