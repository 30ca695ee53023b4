import Artifacts
import Glibc
import JSON
import OrderedCollections
import Synchronization

@testable import Pipeline

/// A stage that counts: reads a number, adds `amount` `steps` times, and writes the sum.
///
/// It saves after
/// each step and can be told to give up after some.
enum Counting: Stage {
  struct Settings: StageSettings {
    var amount = 1
    var steps = 3
    var learningRate = 5.0e-6
    var saveSteps = 1
    var lossType = LossType.sigmoid
    var name: String?
    var lora: Adapter?
    var weights: [String: Double] = [:]
    init() {}
  }
  struct Adapter: StageSettings {
    var r = 8
    var loraAlpha = 16.0
    var targetModules: [String] = ["all"]
    init() {}
  }
  enum LossType: String, Codable, CaseIterable { case sigmoid, ipo, hinge }

  static let kind = "count"
  static let revision = 1
  static let inputs = [InputSlot("data", .dataset, .report)]
  static let outputs = [OutputSlot("sum", .dataset), OutputSlot("log", .report, isOptional: true)]
  static let nonSemantic: Set<String> = ["save_steps"]

  static let runs = Atomic<Int>(0)
  static let stopsAfter = Mutex<[String: Int]>([:])

  static func validate(_ settings: Settings) -> [SettingProblem] {
    settings.learningRate > 0
      ? [] : [SettingProblem("learning_rate", "`learning_rate` has to be above 0")]
  }

  static func run(_ settings: Settings, _ context: StageContext) throws {
    var path = try context.input("data")
    if try Files.status(path)?.kind == .directory { path += "/value.txt" }
    let text = String(decoding: try Files.read(path), as: UTF8.self)
    var value = Int(text.filter(\.isNumber)) ?? 0
    var step = 0
    let state = "\(context.work)/state.txt"
    if Files.exists(state) {
      let parts = String(decoding: try Files.read(state), as: UTF8.self).split(separator: " ")
      step = Int(parts[0]) ?? 0
      value = Int(parts[1]) ?? 0
    }
    let limit = stopsAfter.withLock { $0.removeValue(forKey: context.stage) } ?? .max
    var taken = 0
    while step < settings.steps {
      if taken == limit { throw Interrupted() }
      taken += 1
      step += 1
      value += settings.amount
      context.report(.step(step, of: settings.steps, metrics: ["value": Double(value)]))
      try Files.replace(state, with: Array("\(step) \(value)".utf8), durably: false)
      context.report(.checkpoint(step: step))
    }
    context.report(.summary(["value": Double(value)]))
    try Files.replace("\(try context.output("sum"))/value.txt", with: Array("\(value)".utf8))
  }
}

/// A workspace and a chain of counting stages: `first` → `second` → `third`.
final class Workshop {
  let root: String
  var settings: [String: Counting.Settings] = [:]
  var seed: UInt64 = 1
  var store: ArtifactStore { ArtifactStore(workspace: "\(root)/w") }

  init() throws {
    root = "/tmp/zhinao-pipeline-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    try Files.makeDirectory(root)
    try Files.replace("\(root)/data.txt", with: Array("10".utf8))
  }

  deinit { try? Files.remove(root) }

  var graph: StageGraph {
    get throws {
      let kind = StageKind(Counting.self)
      let names = ["first", "second", "third"]
      let nodes = try names.enumerated().map { index, name in
        let all = try SettingsReading.resolved(settings[name] ?? Counting.Settings())
        let (resolved, _) = kind.resolve(LocatedValue(all))
        let source =
          index == 0 ? Source.path("\(root)/data.txt") : .stage(names[index - 1], output: nil)
        return StageNode(
          name: name, kind: kind, settings: resolved ?? .init(all: all, semantic: all, outputs: []),
          inputs: ["data": [source]])
      }
      return StageGraph(recipe: "demo", seed: seed, stages: nodes)
    }
  }

  func executor(_ runner: any StageRunner = InProcessRunner()) throws -> Executor {
    Executor(graph: try graph, store: store, runner: runner, numerics: { _ in "test" })
  }

  /// The names of the stages that ran.
  func run(_ runner: any StageRunner = InProcessRunner()) async throws -> [String] {
    let outcome = try await executor(runner).run { _ in }
    return outcome.entries.filter { !$0.wasReused }.map(\.stage)
  }

  func result(_ stage: String) throws -> String {
    String(decoding: try Files.read("\(root)/w/latest/demo/\(stage)/value.txt"), as: UTF8.self)
  }
}
