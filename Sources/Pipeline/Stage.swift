public import Artifacts

/// What a stage reads under one name.
public struct InputSlot: Sendable, Equatable {
  public enum Arity: Sendable, Equatable {
    case required, optional, list, optionalList

    /// Whether a recipe may leave it out.
    public var isOptional: Bool { self == .optional || self == .optionalList }
    /// Whether a recipe may give several.
    public var isList: Bool { self == .list || self == .optionalList }
  }

  public var name: String
  public var accepts: [ArtifactKind]
  public var arity: Arity

  public init(_ name: String, _ accepts: ArtifactKind..., arity: Arity = .required) {
    self.name = name
    self.accepts = accepts
    self.arity = arity
  }
}

/// What a stage makes under one name.
public struct OutputSlot: Sendable, Equatable {
  public var name: String
  public var kind: ArtifactKind
  /// The folder may be left empty; then there is no such artifact.
  public var isOptional: Bool

  public init(_ name: String, _ kind: ArtifactKind, isOptional: Bool = false) {
    self.name = name
    self.kind = kind
    self.isOptional = isOptional
  }
}

/// What a stage will need, for the plan.
public struct StageEstimate: Sendable, Equatable {
  /// The highest use of memory, in bytes, of all ranks together.
  public var memory: Int?
  /// The same of one rank.
  public var memoryPerRank: Int?
  /// How many of the model's layers are computed again to keep within a limit, and how many there are.
  public var recomputedLayers: Int?
  public var layers: Int?
  /// What is written, in bytes, checkpoints included.
  public var disk: Int?
  /// In seconds.
  public var time: Double?

  public init(
    memory: Int? = nil, memoryPerRank: Int? = nil, recomputedLayers: Int? = nil,
    layers: Int? = nil, disk: Int? = nil, time: Double? = nil
  ) {
    self.memory = memory
    self.memoryPerRank = memoryPerRank
    self.recomputedLayers = recomputedLayers
    self.layers = layers
    self.disk = disk
    self.time = time
  }
}

/// One typed step of a recipe: settings, named inputs and outputs, and what to do.
///
/// The same kind, revision, semantic settings, inputs and seed give the same bytes, whatever the
/// number of ranks: that is what lets a second run make nothing. Raise `revision` in the change that
/// alters the bytes.
public protocol Stage: Sendable {
  associatedtype Settings: StageSettings

  /// The word in the recipe: `dpo`.
  static var kind: String { get }
  static var revision: Int { get }
  static var inputs: [InputSlot] { get }
  /// The main output first.
  static var outputs: [OutputSlot] { get }
  /// Whether several processes can share the work.
  static var usesRanks: Bool { get }
  /// Key paths (`save_steps`, `lora.verbose`) of settings that cannot change a result.
  static var nonSemantic: Set<String> { get }
  /// Key paths of settings that are part of the key only where they are set: those that came when
  /// workspaces held keys without them.
  static var keyedOnlyIfSet: Set<String> { get }
  /// Whether the run's seed and the stage's name can change a result; if not, stages of any name share what they make.
  static var usesRandomness: Bool { get }

  /// Names of metrics and closing figures that this kind has, as far as they are fixed: a recipe's
  /// gates and alarms are held against them for typing mistakes.
  static var metrics: [String] { get }

  /// The outputs under these settings, where they decide: `outputs` unless written otherwise.
  static func outputs(for settings: Settings) -> [OutputSlot]
  /// What is wrong with settings that can be read: paths and messages.
  static func validate(_ settings: Settings) -> [SettingProblem]
  /// What is to be made beforehand by stages of their own, given what the recipe gave under each slot's name.
  static func preparations(_ settings: Settings, inputs: [String: [Source]]) -> [Preparation]
  /// What running would need; inputs that do not exist yet are left out of the context, and so are outputs.
  ///
  /// - Throws: `BadInput` where it is known now that it cannot run.
  static func estimate(_ settings: Settings, _ context: StageContext) throws -> StageEstimate?
  /// Fills the output folders. Called on every rank.
  static func run(_ settings: Settings, _ context: StageContext) throws
}

extension Stage {
  public static var usesRanks: Bool { false }
  public static var nonSemantic: Set<String> { [] }
  public static var keyedOnlyIfSet: Set<String> { [] }
  public static var metrics: [String] { [] }
  public static var usesRandomness: Bool { true }
  public static func outputs(for settings: Settings) -> [OutputSlot] { outputs }
  public static func validate(_ settings: Settings) -> [SettingProblem] { [] }
  public static func preparations(
    _ settings: Settings, inputs: [String: [Source]]
  ) -> [Preparation] { [] }
  public static func estimate(
    _ settings: Settings, _ context: StageContext
  ) throws -> StageEstimate? { nil }
}

/// Settings for a stage that has none.
public struct NoSettings: StageSettings {
  public init() {}
}
