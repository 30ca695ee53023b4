public import OrderedCollections

/// How stages are started; none of it changes a result.
public struct Launch: StageSettings, Equatable {
  /// Processes that share the work of a stage.
  public var ranks = 1
  public var threadsPerRank = 1
  /// What to start ranks with instead of mpirun, `{ranks}` standing for their number:
  /// `[srun, --mpi=pmix, -n, "{ranks}"]`.
  public var command: [String] = []

  public init() {}
}

/// One stage of a recipe, with all names resolved.
public struct StageNode: Sendable {
  public var name: String
  public var kind: StageKind
  public var settings: ResolvedSettings
  /// In the order of the kind's slots; paths and stages only.
  public var inputs: OrderedDictionary<String, [Source]>
  public var origin: Origin
  /// What the recipe wants of its closing figures and of its steps.
  public var gates: [Gate] = []
  public var alarms: [Alarm] = []

  public init(
    name: String, kind: StageKind, settings: ResolvedSettings,
    inputs: OrderedDictionary<String, [Source]>, origin: Origin = .program
  ) {
    self.name = name
    self.kind = kind
    self.settings = settings
    self.inputs = inputs
    self.origin = origin
  }

  /// The stages it reads from, each once, in order.
  public var predecessors: [String] {
    var names: OrderedSet<String> = []
    for case .stage(let name, _) in inputs.values.joined() { names.append(name) }
    return Array(names)
  }
}

/// A recipe's stages in an order in which each comes after those that it reads from.
public struct StageGraph: Sendable {
  public var recipe: String
  /// The recipe's folder, from which what it names is meant.
  public var directory = "."
  public var seed: UInt64
  public var launch: Launch
  public var stages: [StageNode]
  /// Composite stages, by name, and the output that is their main one.
  public var aliases: OrderedDictionary<String, Source>

  public init(
    recipe: String, seed: UInt64, launch: Launch = Launch(), stages: [StageNode],
    aliases: OrderedDictionary<String, Source> = [:]
  ) {
    self.recipe = recipe
    self.seed = seed
    self.launch = launch
    self.stages = stages
    self.aliases = aliases
  }

  public func stage(_ name: String) -> StageNode? { stages.first { $0.name == name } }

  /// The part of the graph that a stage needs, and the stage; a composite's name means its end.
  public func until(_ name: String) throws(PipelineError) -> StageGraph {
    var wanted = name
    if case .stage(let end, _)? = aliases[name] { wanted = end }
    guard stage(wanted) != nil else {
      throw .unknownStage(name, known: stages.map(\.name) + aliases.keys)
    }
    var needed: Set<String> = [wanted]
    for node in stages.reversed() where needed.contains(node.name) {
      needed.formUnion(node.predecessors)
    }
    var part = self
    part.stages = stages.filter { needed.contains($0.name) }
    part.aliases = aliases.filter { alias in
      if case .stage(let end, _) = alias.value { needed.contains(end) } else { false }
    }
    return part
  }
}
