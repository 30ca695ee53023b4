import Artifacts
import Merging
import OrderedCollections
public import Pipeline

/// One model of several, by a merge method over their weights.
public enum MergeStage: Stage {
  public typealias Settings = MergeSettings

  public static let kind = "merge"
  public static let revision = 2
  public static let inputs = [
    InputSlot("models", .model, arity: .list), InputSlot("base", .model, arity: .optional),
  ]
  public static let outputs = [OutputSlot("model", .model)]

  public static func validate(_ settings: Settings) -> [SettingProblem] { settings.problems() }

  public static func run(_ settings: Settings, _ context: StageContext) throws {
    let models = context.inputs("models")
    let base = context.optionalInput("base")
    try check(settings, models)
    try MergeLinks.make(in: context.work, models: models, base: base)
    let plan: MergePlan
    do {
      plan = try MergePlan(
        MergeConfiguration(
          yaml: settings.configuration(
            modelCount: models.count, hasBase: base != nil, seed: context.seed)),
        relativeTo: context.work)
    } catch let error as MergeError {
      throw BadInput("\(error)")
    }
    for note in plan.notes { context.report(.warning(note)) }
    try plan.execute(output: context.output("model")) { progress in
      context.report(.progress("tensors", done: progress.done, of: progress.total))
    }
    context.report(
      .summary(["models": Double(models.count), "tensors": Double(plan.tensors.count)]))
  }

  private static func check(_ settings: Settings, _ models: [String]) throws {
    guard !models.isEmpty else {
      throw BadInput(
        "there is nothing to merge: `models` is empty, where two or more would be right")
    }
    if let weights = settings.weights, weights.count != models.count {
      throw BadInput(
        "there are \(models.count) models and \(weights.count) weights, where one each would be right"
      )
    }
    if let densities = settings.density?.count, densities != models.count {
      throw BadInput(
        "there are \(models.count) models and \(densities) densities, where one each would be right"
      )
    }
  }
}
