public import JSON

/// Where a stage's input comes from.
public enum Source: Sendable, Equatable {
  /// A file or directory, by a path that is absolute or relative to the working directory.
  case path(String)
  /// A stage's output by both names; nil is the main one.
  case stage(String, output: String?)
  /// In an expansion: a stage of the same expansion, by its name there (`1/sample`).
  case sibling(String, output: String?)

  /// As a recipe says it.
  public var written: String {
    switch self {
    case .path(let path): path
    case .stage(let name, nil), .sibling(let name, nil): "$\(name)"
    case .stage(let name, let output?), .sibling(let name, let output?): "$\(name).\(output)"
    }
  }
}

/// One stage of an expansion.
public struct StageDeclaration: Sendable {
  /// Relative to the composite stage: `1/sample`.
  public var name: String
  public var kind: String
  public var inputs: [(slot: String, sources: [Source])]
  /// What a recipe would say under `with`.
  public var settings: JSON

  public init(
    name: String, kind: String, inputs: [(slot: String, sources: [Source])], settings: JSON = [:]
  ) {
    self.name = name
    self.kind = kind
    self.inputs = inputs
    self.settings = settings
  }
}

/// A kind that stands for several: `online-dpo` is `NAME/1/sample`, `NAME/1/score`, …, each cached
/// and resumed by itself.
public protocol CompositeStage: Sendable {
  associatedtype Settings: StageSettings

  static var kind: String { get }
  static var inputs: [InputSlot] { get }
  static var outputs: [OutputSlot] { get }
  static func validate(_ settings: Settings) -> [SettingProblem]

  /// The stages it stands for, and which of their outputs are its own.
  ///
  /// `inputs` holds what the recipe gave, under each slot's name; an absent slot is an empty list.
  static func expand(_ settings: Settings, inputs: [String: [Source]]) throws -> Expansion
}

extension CompositeStage {
  public static func validate(_ settings: Settings) -> [SettingProblem] { [] }
}

/// What a composite stage stands for.
public struct Expansion: Sendable {
  public var stages: [StageDeclaration]
  /// By the composite's output names.
  public var outputs: [String: Source]

  public init(stages: [StageDeclaration], outputs: [String: Source]) {
    self.stages = stages
    self.outputs = outputs
  }
}
