public import JSON

/// Settings of a stage, read, checked and written out again.
public struct ResolvedSettings: Sendable, Equatable {
  /// All settings, nil ones as null.
  public var all: JSON
  /// Those that can change a result.
  public var semantic: JSON
  public var outputs: [OutputSlot]

  public init(all: JSON, semantic: JSON, outputs: [OutputSlot]) {
    self.all = all
    self.semantic = semantic
    self.outputs = outputs
  }
}

/// A stage type without its type, as a catalogue holds it.
public struct StageKind: Sendable {
  public let name: String
  public let revision: Int
  public let inputs: [InputSlot]
  public let outputs: [OutputSlot]
  public let usesRanks: Bool
  public let metrics: [String]
  public let usesRandomness: Bool
  public let defaults: @Sendable () throws -> JSON
  /// Reads and checks what a recipe says under `with`.
  public let resolve: @Sendable (LocatedValue) -> (ResolvedSettings?, [SettingProblem])
  /// What resolved settings and given inputs want made beforehand.
  public let preparations: @Sendable (JSON, [String: [Source]]) throws -> [Preparation]
  public let estimate: @Sendable (JSON, StageContext) throws -> StageEstimate?
  public let perform: @Sendable (JSON, StageContext) throws -> Void

  public init<Type: Stage>(_ type: Type.Type) {
    name = Type.kind
    revision = Type.revision
    inputs = Type.inputs
    outputs = Type.outputs
    usesRanks = Type.usesRanks
    metrics = Type.metrics
    usesRandomness = Type.usesRandomness
    defaults = { try SettingsReading<Type.Settings>.resolved(Type.Settings()) }
    resolve = { given in
      checked(given, by: Type.validate) { settings in
        let all = try SettingsReading<Type.Settings>.resolved(settings)
        return ResolvedSettings(
          all: all,
          semantic: all.without(Type.nonSemantic).without(Type.keyedOnlyIfSet) { $0.isNull },
          outputs: Type.outputs(for: settings))
      }
    }
    preparations = { settings, inputs in
      Type.preparations(try SettingsReading<Type.Settings>.read(settings), inputs: inputs)
    }
    estimate = { settings, context in
      try Type.estimate(try SettingsReading<Type.Settings>.read(settings), context)
    }
    perform = { settings, context in
      try Type.run(try SettingsReading<Type.Settings>.read(settings), context)
    }
  }
}

/// A composite stage type without its type.
public struct CompositeKind: Sendable {
  public let name: String
  public let inputs: [InputSlot]
  public let outputs: [OutputSlot]
  public let defaults: @Sendable () throws -> JSON
  public let expand: @Sendable (LocatedValue, [String: [Source]]) -> (Expansion?, [SettingProblem])

  public init<Type: CompositeStage>(_ type: Type.Type) {
    name = Type.kind
    inputs = Type.inputs
    outputs = Type.outputs
    defaults = { try SettingsReading<Type.Settings>.resolved(Type.Settings()) }
    expand = { given, inputs in
      checked(given, by: Type.validate) { try Type.expand($0, inputs: inputs) }
    }
  }
}

/// All kinds that a recipe may name, in the order in which they are shown.
public struct StageCatalogue: Sendable {
  public let kinds: [StageKind]
  public let composites: [CompositeKind]

  public init(_ kinds: [StageKind], composites: [CompositeKind] = []) {
    self.kinds = kinds
    self.composites = composites
  }

  public func kind(_ name: String) -> StageKind? { kinds.first { $0.name == name } }
  public func composite(_ name: String) -> CompositeKind? {
    composites.first { $0.name == name }
  }
  public var names: [String] { kinds.map(\.name) + composites.map(\.name) }
}

/// Reads settings, asks the stage what is wrong with them, and places its answers.
private func checked<Settings: StageSettings, Value>(
  _ given: LocatedValue, by validate: (Settings) -> [SettingProblem],
  _ body: (Settings) throws -> Value
) -> (Value?, [SettingProblem]) {
  let (settings, problems) = SettingsReading<Settings>.read(given)
  guard let settings else { return (nil, problems) }
  let found = validate(settings).map { problem in
    var problem = problem
    problem.origin = given.origin(ofPath: problem.path)
    return problem
  }
  guard found.isEmpty else { return (nil, found) }
  do { return (try body(settings), []) } catch let problem as SettingProblem {
    var problem = problem
    problem.origin = given.origin(ofPath: problem.path)
    return (nil, [problem])
  } catch {
    return (nil, [SettingProblem(path: "", message: "\(error)", origin: given.origin)])
  }
}

extension JSON {
  /// The document without the values of some key paths, or without those of them that are such.
  func without(_ paths: Set<String>, where isSuch: (JSON) -> Bool = { _ in true }) -> JSON {
    var copy = self
    for path in paths.sorted() {
      copy.remove(path.split(separator: ".").map(String.init)[...], where: isSuch)
    }
    return copy
  }

  private mutating func remove(_ path: ArraySlice<String>, where isSuch: (JSON) -> Bool) {
    guard let first = path.first, var child = self[first] else { return }
    if path.count == 1 {
      if isSuch(child) { self[first] = nil }
    } else if child.object != nil {
      child.remove(path.dropFirst(), where: isSuch)
      self[first] = child
    }
  }
}
