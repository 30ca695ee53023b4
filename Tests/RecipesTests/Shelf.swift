import Artifacts
import Glibc
import JSON

@testable import Pipeline
@testable import Recipes

/// A directory with what the recipes of these tests name: `base/` and `data.txt`.
final class Shelf {
  let root: String

  static let good = """
    name: demo
    seed: 1024
    launch: {ranks: 2, threads_per_rank: 1}
    stages:
      sft:
        kind: teach
        inputs: {model: base, data: data.txt}
      dpo:
        kind: teach
        inputs: {model: $sft, data: data.txt}
        with:
          beta: 0.3
    """

  init() throws {
    root = "/tmp/zhinao-recipes-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    try Files.makeDirectory("\(root)/base")
    try Files.replace("\(root)/data.txt", with: Array("rows".utf8), durably: false)
  }

  deinit { try? Files.remove(root) }

  func graph(_ text: String, _ changes: [String] = []) throws(RecipeErrors) -> StageGraph {
    try Recipe(file: "\(root)/r.yaml", text: text, changes: changes).graph(
      StageCatalogue(
        [StageKind(Teaching.self), StageKind(Ranking.self), StageKind(Comparing.self)],
        composites: [CompositeKind(Rounds.self)]))
  }

  func errors(_ text: String, _ changes: [String] = []) -> RecipeErrors? {
    do {
      _ = try graph(text, changes)
      return nil
    } catch { return error }
  }

  func mistakes(_ text: String, _ changes: [String] = []) -> String {
    errors(text, changes)?.description.replacing("\(root)/", with: "") ?? "nothing is wrong"
  }
}

enum Teaching: Stage {
  struct Settings: StageSettings {
    var beta = 0.1
    init() {}
  }
  static let kind = "teach"
  static let revision = 1
  static let inputs = [
    InputSlot("model", .model), InputSlot("data", .dataset),
    InputSlot("extra", .report, arity: .optional),
  ]
  static let outputs = [OutputSlot("model", .model), OutputSlot("log", .report)]
  static let metrics = ["accuracy", "loss"]
  static func validate(_ settings: Settings) -> [SettingProblem] {
    settings.beta > 0 ? [] : [SettingProblem("beta", "`beta` has to be above 0")]
  }
  static func run(_ settings: Settings, _ context: StageContext) throws {}
}

enum Ranking: Stage {
  typealias Settings = NoSettings
  static let kind = "rank"
  static let revision = 1
  static let inputs = [InputSlot("models", .model, arity: .list)]
  static let outputs = [OutputSlot("scores", .scores)]
  static func run(_ settings: Settings, _ context: StageContext) throws {}
}

enum Rounds: CompositeStage {
  struct Settings: StageSettings {
    var rounds = 1
    init() {}
  }
  static let kind = "rounds"
  static let inputs = [InputSlot("model", .model), InputSlot("data", .dataset)]
  static let outputs = [OutputSlot("model", .model)]
  static func expand(_ settings: Settings, inputs: [String: [Source]]) throws -> Expansion {
    var model = inputs["model"] ?? []
    var stages: [StageDeclaration] = []
    for round in 1...max(1, settings.rounds) {
      stages.append(
        StageDeclaration(
          name: "\(round)/train", kind: "teach",
          inputs: [("model", model), ("data", inputs["data"] ?? [])], settings: ["beta": 0.2]))
      model = [.sibling("\(round)/train", output: nil)]
    }
    return Expansion(
      stages: stages,
      outputs: ["model": .sibling("\(max(1, settings.rounds))/train", output: "model")])
  }
}

/// Wants what `rank` makes before it, unless it is given.
enum Comparing: Stage {
  static let kind = "compare"
  static let revision = 1
  static let inputs = [
    InputSlot("model", .model), InputSlot("ranks", .scores, arity: .optional),
  ]
  static let outputs = [OutputSlot("model", .model)]
  static func preparations(
    _ settings: NoSettings, inputs: [String: [Source]]
  ) -> [Preparation] {
    guard inputs["ranks"] == nil else { return [] }
    return [
      Preparation(
        slot: "ranks", name: "first", kind: Ranking.kind,
        inputs: [("models", inputs["model", default: []])])
    ]
  }
  static func run(_ settings: NoSettings, _ context: StageContext) throws {}
}
