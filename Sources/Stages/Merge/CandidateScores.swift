import Artifacts
import JSON
import OrderedCollections
import Pipeline
import Synchronization

/// Asks the stage `evaluate` how good models are, and keeps its figures.
struct CandidateScores {
  let settings: EvaluateStage.Settings
  let context: StageContext
  /// The data and judges by the slots of `evaluate`.
  let inputs: OrderedDictionary<String, [String]>

  /// The figures of each model by their names; the evaluation's own report goes to `folder`.
  func figures(
    of models: [String], names: [String], report folder: String
  ) throws -> [OrderedDictionary<String, Double>] {
    var settings = settings
    settings.names = names
    var inputs = inputs
    inputs["models"] = models
    let work = "\(context.work)/evaluation"
    for path in [folder, work] {
      try Files.remove(path)
      try Files.makeDirectory(path)
    }
    let order = WorkOrder(
      kind: EvaluateStage.kind, stage: context.stage, settings: [:], inputs: inputs,
      outputs: ["report": folder], work: work, seed: context.seed, ranks: 1,
      threads: context.threads)
    let heard = Mutex<OrderedDictionary<String, Double>>([:])
    let outer = context
    let inner = StageContext(
      order: order, shouldStop: { outer.shouldStop },
      sink: { event in
        switch event {
        case .summary(let figures): heard.withLock { $0.merge(figures) { _, last in last } }
        case .warning: outer.report(event)
        default: break
        }
      })
    try EvaluateStage.run(settings, inner)
    let all = heard.withLock { $0 }
    return names.map { name in
      var own: OrderedDictionary<String, Double> = [:]
      for (key, value) in all where key.hasPrefix(name + "/") {
        own[String(key.dropFirst(name.utf8.count + 1))] = value
      }
      return own
    }
  }
}

/// A candidate that was tried, or a parent.
struct ScoredCandidate: Equatable {
  var name: String
  /// mergekit's YAML; nil of parents.
  var yaml: String?
  var values: [Double]
  var scores: [Double]
  var combined: Double

  var json: JSON {
    [
      "name": .string(name), "values": .array(values.map(JSON.number)),
      "scores": .array(scores.map(JSON.number)), "combined": .number(combined),
      "digest": yaml.map { .string(Digest.of($0).hex) } ?? .null,
    ]
  }
}
