public import JSON
public import OrderedCollections

/// Everything a worker needs to run one stage, as one JSON document.
public struct WorkOrder: Sendable, Equatable {
  public var kind: String
  public var stage: String
  /// All resolved settings.
  public var settings: JSON
  /// Paths by slot.
  public var inputs: OrderedDictionary<String, [String]>
  /// Of the inputs' contents, by slot in the order of the paths; empty where nobody took them.
  public var digests: OrderedDictionary<String, [String]>
  /// Directories by output.
  public var outputs: OrderedDictionary<String, String>
  public var work: String
  /// The recipe's folder, where programs that it names are started.
  public var directory = "."
  public var seed: UInt64
  public var ranks: Int
  public var threads: Int
  /// Whether the worker is to tell what its time went into.
  public var isProfiled = false

  public init(
    kind: String, stage: String, settings: JSON, inputs: OrderedDictionary<String, [String]>,
    digests: OrderedDictionary<String, [String]> = [:],
    outputs: OrderedDictionary<String, String>, work: String, seed: UInt64, ranks: Int = 1,
    threads: Int = 1
  ) {
    self.kind = kind
    self.stage = stage
    self.settings = settings
    self.inputs = inputs
    self.digests = digests
    self.outputs = outputs
    self.work = work
    self.seed = seed
    self.ranks = ranks
    self.threads = threads
  }

  public var json: JSON {
    [
      "kind": .string(kind), "stage": .string(stage), "settings": settings,
      "inputs": .object(inputs.mapValues { .array($0.map { .string($0) }) }),
      "digests": .object(digests.mapValues { .array($0.map { .string($0) }) }),
      "outputs": .object(outputs.mapValues { .string($0) }), "work": .string(work),
      "directory": .string(directory),
      // As text: JSON's integers here are signed.
      "seed": .string("\(seed)"), "ranks": .integer(ranks), "threads": .integer(threads),
      "profile": .bool(isProfiled),
    ]
  }

  public init(_ json: JSON) throws(PipelineError) {
    guard let kind = json["kind"]?.string, let stage = json["stage"]?.string,
      let settings = json["settings"], let inputs = json["inputs"]?.object,
      let outputs = json["outputs"]?.object, let work = json["work"]?.string,
      let seed = json["seed"]?.string.flatMap({ UInt64($0) }), let ranks = json["ranks"]?.int,
      let threads = json["threads"]?.int
    else { throw .badOrder }
    self.init(
      kind: kind, stage: stage, settings: settings,
      inputs: inputs.mapValues { ($0.array ?? []).compactMap(\.string) },
      digests: (json["digests"]?.object ?? [:]).mapValues { ($0.array ?? []).compactMap(\.string) },
      outputs: outputs.compactMapValues(\.string), work: work, seed: seed, ranks: ranks,
      threads: threads)
    directory = json["directory"]?.string ?? "."
    isProfiled = json["profile"]?.bool ?? false
  }
}
